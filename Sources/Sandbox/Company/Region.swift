/// A country that customers come from: how its people are called, where they live, how its telephone numbers look.
struct Region: Sendable {
  /// A city: name, the beginning of its postal codes, and the telephone area code without the trunk prefix.
  struct City: Sendable {
    let name: String
    let province: String
    let postal: String
    let area: String

    init(_ name: String, _ province: String, _ postal: String, _ area: String) {
      self.name = name
      self.province = province
      self.postal = postal
      self.area = area
    }
  }

  let code: String
  let country: String
  let language: String
  let timeZone: String
  let dial: String
  let trunk: String
  let mobilePrefixes: [String]
  let postalDigits: Int
  let mailDomains: [String]
  let female: [String]
  let male: [String]
  let surnames: [String]
  let streets: [String]
  let cities: [City]

  /// The regions with the weight that customers have in each.
  static let all: [Region] = [germany, unitedStates, unitedKingdom, france, spain, italy, netherlands, poland, sweden, japan]
  static let weights: [Double] = [36, 20, 12, 8, 5, 5, 5, 4, 3, 2]
}

extension Region {
  static let germany = Region(
    code: "DE", country: "Germany", language: "de", timeZone: "Berlin", dial: "49", trunk: "0", mobilePrefixes: ["151", "160", "171", "176"],
    postalDigits: 5, mailDomains: ["gmail.com", "gmx.de", "web.de", "t-online.de", "outlook.de", "posteo.de"],
    female: [
      "Anna", "Lena", "Julia", "Katharina", "Sabine", "Petra", "Monika", "Jürgina", "Käthe", "Susanne", "Claudia", "Birgit", "Heike", "Nina",
      "Laura", "Sophie", "Marie", "Emilia", "Hannah", "Mia", "Johanna", "Franziska", "Martina", "Ulrike", "Zoë", "Svenja", "Annika", "Elif",
    ],
    male: [
      "Thomas", "Michael", "Andreas", "Stefan", "Jürgen", "Jörg", "Günther", "Björn", "Lukas", "Leon", "Felix", "Maximilian", "Paul", "Jonas",
      "Klaus", "Uwe", "Matthias", "Florian", "Tobias", "Sebastian", "Daniel", "Moritz", "Götz", "Dieter", "Wolfgang", "Emre", "Karl-Heinz", "Ben",
    ],
    surnames: [
      "Müller", "Schmidt", "Schneider", "Fischer", "Weber", "Meyer", "Wagner", "Becker", "Schulz", "Hoffmann", "Schäfer", "Koch", "Bauer",
      "Richter", "Klein", "Wolf", "Schröder", "Neumann", "Schwarz", "Zimmermann", "Braun", "Krüger", "Hofmann", "Hartmann", "Lange", "Krause",
      "Lehmann", "Köhler", "Maier", "Huber", "Kaiser", "Fuchs", "Groß", "Weiß", "Jäger", "Yılmaz", "von der Heide", "Möller", "Böhm", "Vogt",
    ],
    streets: [
      "Hauptstraße", "Bahnhofstr.", "Gartenweg", "Schillerstraße", "Goethestr.", "Lindenallee", "Am Mühlbach", "Kirchgasse", "Ringstraße",
      "Bergstraße", "Rosenweg", "Königsallee", "Schulstraße", "Dorfplatz", "Birkenweg",
    ],
    cities: [
      City("Berlin", "BE", "10", "30"), City("München", "BY", "80", "89"), City("Hamburg", "HH", "20", "40"), City("Köln", "NW", "50", "221"),
      City("Frankfurt am Main", "HE", "60", "69"), City("Leipzig", "SN", "04", "341"), City("Nürnberg", "BY", "90", "911"),
      City("Düsseldorf", "NW", "40", "211"), City("Münster", "NW", "48", "251"), City("Stuttgart", "BW", "70", "711"),
    ])

  static let unitedStates = Region(
    code: "US", country: "United States", language: "en", timeZone: "Eastern Time (US & Canada)", dial: "1", trunk: "",
    mobilePrefixes: ["917", "415", "312", "206"], postalDigits: 5, mailDomains: ["gmail.com", "yahoo.com", "outlook.com", "icloud.com", "aol.com"],
    female: [
      "Mary", "Jennifer", "Linda", "Patricia", "Elizabeth", "Susan", "Jessica", "Sarah", "Karen", "Emily", "Ashley", "Amanda", "Megan", "Olivia",
      "Emma", "Ava", "Sophia", "Isabella", "Madison", "Chloe", "Grace", "Hannah", "Natalie", "Victoria", "Aaliyah", "Guadalupe", "Mei", "Zoey",
    ],
    male: [
      "James", "Robert", "John", "Michael", "William", "David", "Richard", "Joseph", "Thomas", "Christopher", "Daniel", "Matthew", "Anthony",
      "Steven", "Andrew", "Joshua", "Kevin", "Brian", "Ethan", "Noah", "Liam", "Mason", "Jacob", "Tyler", "José", "DeShawn", "Wei", "Omar",
    ],
    surnames: [
      "Smith", "Johnson", "Williams", "Brown", "Jones", "Garcia", "Miller", "Davis", "Rodriguez", "Martinez", "Hernandez", "Lopez", "Wilson",
      "Anderson", "Thomas", "Taylor", "Moore", "Jackson", "Martin", "Lee", "Thompson", "White", "Harris", "Clark", "Lewis", "Robinson", "Walker",
      "Young", "Allen", "King", "Wright", "Scott", "Nguyen", "Hill", "O'Connor", "O'Brien", "McDonald", "Kim", "Patel", "Muñoz",
    ],
    streets: [
      "Main St", "Oak Avenue", "Maple Dr", "Washington Blvd", "2nd Street", "Elm St", "Park Ave", "Lakeview Road", "Sunset Blvd", "Cedar Ln",
      "Hillcrest Rd", "Broadway", "Jefferson St", "Pine Street",
    ],
    cities: [
      City("New York", "NY", "100", "212"), City("San Francisco", "CA", "941", "415"), City("Chicago", "IL", "606", "312"),
      City("Seattle", "WA", "981", "206"), City("Austin", "TX", "787", "512"), City("Boston", "MA", "021", "617"),
      City("Denver", "CO", "802", "303"), City("Atlanta", "GA", "303", "404"),
    ])

  static let unitedKingdom = Region(
    code: "GB", country: "United Kingdom", language: "en-GB", timeZone: "London", dial: "44", trunk: "0", mobilePrefixes: ["74", "77", "79"],
    postalDigits: 4, mailDomains: ["gmail.com", "hotmail.co.uk", "btinternet.com", "yahoo.co.uk", "outlook.com"],
    female: [
      "Olivia", "Amelia", "Isla", "Charlotte", "Emily", "Poppy", "Freya", "Alice", "Imogen", "Siân", "Niamh", "Fiona", "Margaret", "Rebecca",
      "Priya", "Aisha", "Gemma", "Harriet", "Eleanor", "Chloë",
    ],
    male: [
      "Oliver", "George", "Harry", "Jack", "Alfie", "Charlie", "Callum", "Ewan", "Rhys", "Nigel", "Graham", "Simon", "Peter", "Mohammed", "Arjun",
      "Declan", "Stuart", "Edward", "Henry", "Toby",
    ],
    surnames: [
      "Smith", "Jones", "Taylor", "Davies", "Evans", "Wilson", "Roberts", "Walker", "Thompson", "Hughes", "Edwards", "Green", "Wood", "Clarke",
      "Patel", "Khan", "MacDonald", "Campbell", "O'Neill", "Fitzgerald", "Llewellyn", "Cholmondeley-Warner", "Begum", "Shaw", "Murray",
    ],
    streets: ["High Street", "Station Road", "Church Lane", "Victoria Road", "Mill Lane", "The Crescent", "Queensway", "Manor Road", "Kingsway"],
    cities: [
      City("London", "ENG", "SW1", "20"), City("Manchester", "ENG", "M1", "161"), City("Birmingham", "ENG", "B1", "121"),
      City("Edinburgh", "SCT", "EH1", "131"), City("Cardiff", "WLS", "CF1", "29"), City("Leeds", "ENG", "LS1", "113"),
    ])

  static let france = Region(
    code: "FR", country: "France", language: "fr", timeZone: "Paris", dial: "33", trunk: "0", mobilePrefixes: ["6", "7"], postalDigits: 5,
    mailDomains: ["gmail.com", "orange.fr", "free.fr", "laposte.net", "hotmail.fr"],
    female: ["Marie", "Camille", "Léa", "Chloé", "Manon", "Inès", "Zoé", "Amélie", "Hélène", "Françoise", "Céline", "Aurélie", "Margaux", "Anaïs"],
    male: ["Jean", "Pierre", "Hugo", "Louis", "Théo", "François", "René", "Jérôme", "Étienne", "Loïc", "Jean-Luc", "Antoine", "Noël", "Mathéo"],
    surnames: [
      "Martin", "Bernard", "Dubois", "Thomas", "Robert", "Petit", "Durand", "Leroy", "Moreau", "Lefèvre", "Garçon", "Fournier", "Mercier",
      "Bélanger", "D'Angelo", "Le Goff", "Benoît", "Gauthier", "Perrin", "Châtelain",
    ],
    streets: ["rue de la Paix", "avenue Victor Hugo", "rue des Écoles", "boulevard Voltaire", "place de l'Église", "chemin des Vignes"],
    cities: [
      City("Paris", "IDF", "750", "1"), City("Lyon", "ARA", "690", "4"), City("Marseille", "PAC", "130", "4"), City("Nîmes", "OCC", "300", "4"),
      City("Saint-Étienne", "ARA", "420", "4"),
    ])

  static let spain = Region(
    code: "ES", country: "Spain", language: "es", timeZone: "Madrid", dial: "34", trunk: "", mobilePrefixes: ["6", "7"], postalDigits: 5,
    mailDomains: ["gmail.com", "hotmail.es", "telefonica.net", "yahoo.es"],
    female: ["María", "Lucía", "Carmen", "Sofía", "Begoña", "Inés", "Marta", "Paula", "Rocío", "Ángela", "Nuria", "Ana Belén"],
    male: ["José", "Javier", "Álvaro", "Íñigo", "Pablo", "Sergio", "Raúl", "Andrés", "Manuel", "Jesús", "Óscar", "Luis"],
    surnames: [
      "García", "Fernández", "González", "Rodríguez", "López", "Martínez", "Sánchez", "Pérez", "Gómez", "Núñez", "Ibáñez", "Muñoz", "Castaño",
      "de la Cruz", "Ortiz", "Rubio",
    ],
    streets: ["Calle Mayor", "Avenida de América", "Paseo de Gracia", "Calle del Pez", "Plaza España", "Calle Ñuble"],
    cities: [City("Madrid", "M", "280", "91"), City("Barcelona", "B", "080", "93"), City("Málaga", "MA", "290", "952"), City("A Coruña", "C", "150", "981")])

  static let italy = Region(
    code: "IT", country: "Italy", language: "it", timeZone: "Rome", dial: "39", trunk: "", mobilePrefixes: ["32", "33", "34"], postalDigits: 5,
    mailDomains: ["gmail.com", "libero.it", "virgilio.it", "hotmail.it"],
    female: ["Giulia", "Francesca", "Chiara", "Martina", "Sara", "Alessia", "Elena", "Federica", "Ilaria", "Noemi"],
    male: ["Marco", "Luca", "Matteo", "Alessandro", "Giuseppe", "Niccolò", "Lorenzo", "Davide", "Antonio", "Simone"],
    surnames: ["Rossi", "Russo", "Ferrari", "Esposito", "Bianchi", "Romano", "Colombo", "Ricci", "D'Amico", "De Luca", "Nicolò", "Conti", "Greco"],
    streets: ["Via Roma", "Via Garibaldi", "Corso Italia", "Piazza della Libertà", "Via dei Mille"],
    cities: [City("Roma", "RM", "001", "06"), City("Milano", "MI", "201", "02"), City("Napoli", "NA", "801", "081"), City("Forlì", "FC", "471", "0543")])

  static let netherlands = Region(
    code: "NL", country: "Netherlands", language: "nl", timeZone: "Amsterdam", dial: "31", trunk: "0", mobilePrefixes: ["6"],
    postalDigits: 4, mailDomains: ["gmail.com", "ziggo.nl", "kpnmail.nl", "outlook.com"],
    female: ["Sanne", "Lotte", "Femke", "Daphne", "Renée", "Maaike", "Iris", "Noor", "Anouk", "Fleur"],
    male: ["Daan", "Sem", "Bram", "Jeroen", "Thijs", "Ruud", "André", "Niels", "Sven", "Kees"],
    surnames: ["de Jong", "Jansen", "de Vries", "van den Berg", "Bakker", "van Dijk", "Visser", "Smit", "Meijer", "Mulder", "Bos", "van 't Hof"],
    streets: ["Dorpsstraat", "Kerkstraat", "Molenweg", "Prinsengracht", "Stationsplein"],
    cities: [City("Amsterdam", "NH", "10", "20"), City("Rotterdam", "ZH", "30", "10"), City("'s-Hertogenbosch", "NB", "52", "73")])

  static let poland = Region(
    code: "PL", country: "Poland", language: "pl", timeZone: "Warsaw", dial: "48", trunk: "", mobilePrefixes: ["5", "6", "7"], postalDigits: 5,
    mailDomains: ["gmail.com", "wp.pl", "onet.pl", "o2.pl"],
    female: ["Zofia", "Małgorzata", "Agnieszka", "Katarzyna", "Łucja", "Ewa", "Joanna", "Żaneta", "Maja"],
    male: ["Łukasz", "Paweł", "Michał", "Wojciech", "Stanisław", "Krzysztof", "Jakub", "Mikołaj", "Grzegorz"],
    surnames: ["Nowak", "Wójcik", "Kamiński", "Lewandowski", "Zieliński", "Woźniak", "Dąbrowski", "Kozłowski", "Jabłoński", "Gołąb", "Święty"],
    streets: ["ul. Długa", "ul. Krótka", "al. Jerozolimskie", "ul. Świętokrzyska", "os. Słoneczne"],
    cities: [City("Warszawa", "MZ", "00", "22"), City("Kraków", "MA", "30", "12"), City("Łódź", "LD", "90", "42"), City("Gdańsk", "PM", "80", "58")])

  static let sweden = Region(
    code: "SE", country: "Sweden", language: "sv", timeZone: "Stockholm", dial: "46", trunk: "0", mobilePrefixes: ["7"], postalDigits: 5,
    mailDomains: ["gmail.com", "telia.com", "hotmail.se", "outlook.com"],
    female: ["Åsa", "Linnéa", "Malin", "Frida", "Märta", "Ebba", "Ingrid", "Saga"],
    male: ["Lars", "Göran", "Håkan", "Björn", "Måns", "Nils", "Oskar", "Åke"],
    surnames: ["Andersson", "Johansson", "Karlsson", "Nilsson", "Sjöberg", "Lindström", "Åkerlund", "Öberg", "Bergqvist", "Hägg"],
    streets: ["Storgatan", "Drottninggatan", "Björkvägen", "Ängsvägen", "Kungsgatan"],
    cities: [City("Stockholm", "AB", "11", "8"), City("Göteborg", "O", "41", "31"), City("Malmö", "M", "21", "40"), City("Umeå", "AC", "90", "90")])

  /// Names carry their Latin spelling after a bar: mail addresses are written in it.
  static let japan = Region(
    code: "JP", country: "Japan", language: "ja", timeZone: "Tokyo", dial: "81", trunk: "0", mobilePrefixes: ["70", "80", "90"], postalDigits: 7,
    mailDomains: ["gmail.com", "yahoo.co.jp", "docomo.ne.jp", "icloud.com"],
    female: ["さくら|sakura", "陽子|yoko", "美咲|misaki", "愛|ai", "結衣|yui", "恵子|keiko", "花子|hanako"],
    male: ["太郎|taro", "健太|kenta", "翔|sho", "大輔|daisuke", "浩二|koji", "蓮|ren", "拓也|takuya"],
    surnames: ["佐藤|sato", "鈴木|suzuki", "高橋|takahashi", "田中|tanaka", "伊藤|ito", "渡辺|watanabe", "山本|yamamoto", "中村|nakamura", "小林|kobayashi"],
    streets: ["中央通り", "桜丘町", "本町", "栄町"],
    cities: [City("東京", "13", "100", "3"), City("大阪", "27", "530", "6"), City("京都", "26", "600", "75")])
}
