/// How names are written by people who make mistakes, and by mail systems that know only ASCII.
enum Spelling {
  /// The name as it is shown: without the Latin spelling after a bar.
  static func shown(_ name: String) -> String {
    name.firstIndex(of: "|").map { String(name[..<$0]) } ?? name
  }

  /// The name in lower-case ASCII letters, as in a mail address.
  static func ascii(_ name: String) -> String {
    let spelt = name.firstIndex(of: "|").map { name[name.index(after: $0)...] } ?? name[...]
    var result = ""
    for scalar in spelt.lowercased().unicodeScalars {
      if ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar) {
        result.unicodeScalars.append(scalar)
      } else if let plain = latin[scalar] {
        result += plain
      }
    }
    return result
  }

  private static let latin: [Unicode.Scalar: String] = [
    "ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "é": "e", "è": "e", "ê": "e", "ë": "e", "á": "a", "à": "a", "â": "a", "å": "a", "ã": "a", "í": "i",
    "ì": "i", "î": "i", "ï": "i", "ı": "i", "ó": "o", "ò": "o", "ô": "o", "ú": "u", "ù": "u", "û": "u", "ç": "c", "ñ": "n", "ł": "l", "ą": "a",
    "ę": "e", "ś": "s", "ź": "z", "ż": "z", "ń": "n", "ć": "c", "ø": "o", "æ": "ae",
  ]

  private static let nicknames = [
    "William": "Bill", "Robert": "Bob", "Elizabeth": "Liz", "James": "Jim", "Richard": "Rick", "Jennifer": "Jen", "Michael": "Mike",
    "Margaret": "Peggy", "Thomas": "Tom", "Joseph": "Joe", "Christopher": "Chris", "Patricia": "Pat", "Daniel": "Dan", "Matthew": "Matt",
    "Anthony": "Tony", "Steven": "Steve", "Andrew": "Andy", "Susan": "Sue", "Katharina": "Kathi", "Maximilian": "Max", "Sebastian": "Basti",
    "Johanna": "Hanna", "Matthias": "Matze", "Wolfgang": "Wolf", "Alessandro": "Ale", "Małgorzata": "Gosia", "Krzysztof": "Krzysiek",
    "Francesca": "Franci", "Joshua": "Josh", "Edward": "Ed", "Rebecca": "Becky", "Stefan": "Steff",
  ]

  /// The short form that friends use, if the name has one.
  static func nickname(_ name: String) -> String {
    nicknames[name] ?? name
  }

  /// `text` with one slip of the finger: a letter lost, doubled, replaced or swapped with its neighbour.
  static func typo(_ text: String, _ draw: inout Draw) -> String {
    var letters = Array(text)
    guard letters.count > 2 else { return text }
    let at = draw.below(letters.count - 1)
    let neighbours = Array("abcdefghijklmnopqrstuvwxyz")
    switch draw.below(4) {
    case 0: letters.remove(at: max(1, at))
    case 1: letters.insert(letters[at], at: at)
    case 2: letters[max(1, at)] = draw.pick(neighbours)
    default: letters.swapAt(at, at + 1)
    }
    return String(letters)
  }
}
