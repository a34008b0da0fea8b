import DataFormats
import Testing

@testable import Sandbox

@Suite struct RefusalTests {
  @Test(
    "without credentials every system answers 401 in its own words",
    arguments: [
      ("/stripe/v1/customers", "invalid_request_error"), ("/shopify/admin/api/2025-01/orders.json", "Invalid API key"),
      ("/zendesk/api/v2/incremental/users/cursor.json?start_time=0", "Couldn't authenticate you"),
      ("/salesforce/services/data/v62.0/query?q=SELECT+Id+FROM+Lead", "INVALID_SESSION_ID"),
    ])
  func unauthenticated(target: String, words: String) {
    let visitor = Visitor(customers: 20)
    for headers in [[:], ["authorization": "Bearer wrong", "x-shopify-access-token": "wrong"], ["authorization": "Basic !!!"]] {
      let response = visitor.get(target, headers: headers, signedIn: false)
      #expect(response.status == 401)
      #expect(String(decoding: response.body, as: UTF8.self).contains(words))
    }
  }

  @Test("Stripe and Zendesk take Basic authentication as well")
  func basic() {
    let visitor = Visitor(customers: 20)
    let stripe = "Basic " + Base64.encode("\(StripeAPI.secretKey):".utf8)
    #expect(visitor.get("/stripe/v1/customers", headers: ["authorization": stripe], signedIn: false).status == 200)
    let zendesk = "Basic " + Base64.encode("\(ZendeskAPI.email)/token:\(ZendeskAPI.token)".utf8)
    #expect(visitor.get("/zendesk/api/v2/users/me.json", headers: ["authorization": zendesk], signedIn: false).status == 200)
  }

  @Test("the token endpoint grants to the right client only")
  func tokens() throws {
    let visitor = Visitor(customers: 20)
    func ask(_ form: String) -> SandboxResponse { visitor.get("/salesforce/services/oauth2/token", method: "POST", body: form, signedIn: false) }
    let client = "client_id=sandbox-client&client_secret=sandbox-secret"
    let granted = try JSON.parse(ask("grant_type=refresh_token&\(client)&refresh_token=sandbox-refresh").body)
    #expect(granted["instance_url"]?.string == "http://127.0.0.1:8484/salesforce")
    let token = try #require(granted["access_token"]?.string)
    let query = "/salesforce/services/data/v62.0/query?q=SELECT+Id+FROM+Account+LIMIT+1"
    #expect(visitor.get(query, headers: ["authorization": "Bearer \(token)"], signedIn: false).status == 200)
    #expect(ask("grant_type=client_credentials&\(client)").status == 200)
    #expect(ask("grant_type=refresh_token&\(client)&refresh_token=old").status == 400)
    #expect(ask("grant_type=refresh_token&client_id=sandbox-client&client_secret=wrong&refresh_token=sandbox-refresh").status == 400)
    visitor.playground.salesforce.expireAll()
    #expect(visitor.get(query, headers: ["authorization": "Bearer \(token)"], signedIn: false).status == 401)
  }

  @Test(
    "a query that Salesforce would not take is refused with its code",
    arguments: [
      ("SELECT Id FROM", "MALFORMED_QUERY"), ("SELECT Id FROM Contact WHERE", "MALFORMED_QUERY"), ("SELECT Nope FROM Contact", "INVALID_FIELD"),
      ("SELECT Id FROM Nope", "INVALID_TYPE"), ("SELECT Id FROM Contact WHERE Email = 'x", "MALFORMED_QUERY"),
      ("SELECT FIELDS(ALL) FROM Contact", "MALFORMED_QUERY"), ("SELECT Id FROM Contact WHERE Email > 3", "INVALID_FIELD"), ("", "MALFORMED_QUERY"),
    ])
  func malformed(query: String, code: String) throws {
    let response = Visitor(customers: 20).get("/salesforce/services/data/v62.0/query?q=\(SandboxRequest.encode(query))")
    #expect(response.status == 400)
    #expect(try JSON.parse(response.body).array?.first?["errorCode"]?.string == code)
  }

  @Test("conditions of a query select by value")
  func conditions() throws {
    let visitor = Visitor(customers: 400)
    let all = try visitor.salesforce("Contact")
    let bulk = try visitor.salesforce("Contact", "WHERE Email != null AND (HasOptedOutOfEmail = true OR NOT LeadSource IN ('Search', 'Organic'))")
    let expected = all.filter { record in
      record["Email"]?.string != nil
        && (record["HasOptedOutOfEmail"]?.bool == true || !["Search", "Organic"].contains(record["LeadSource"]?.string ?? ""))
    }
    #expect(Set(bulk.map(identifier)) == Set(expected.map(identifier)) && !bulk.isEmpty)
    let id = identifier(all[10])
    #expect(try visitor.salesforce("Contact", "WHERE Id = '\(id)'").count == 1)
    let after = try visitor.salesforce("Contact", "WHERE Id > '\(id)' ORDER BY Id ASC LIMIT 5").map(identifier)
    #expect(after == Array(all.map(identifier).sorted().filter { $0 > id }.prefix(5)))
  }

  @Test("parameters that a system does not take are refused")
  func parameters() {
    let visitor = Visitor(customers: 20)
    for target in [
      "/stripe/v1/customers?limit=101", "/stripe/v1/customers?limit=x", "/stripe/v1/customers?colour=red", "/stripe/v1/charges?starting_after=ch_nope",
      "/shopify/admin/api/2025-01/orders.json?updated_at_min=yesterday", "/shopify/admin/api/2025-01/orders.json?page_info=%21",
    ] {
      #expect(visitor.get(target).status == 400, "\(target)")
    }
    #expect(visitor.get("/zendesk/api/v2/incremental/users/cursor.json").status == 422)
    #expect(visitor.get("/stripe/v1/unicorns").status == 404)
    #expect(visitor.get("/nowhere/at/all").status == 404)
    #expect(visitor.get("/_sandbox/faults?set=rate-limits", method: "POST").status == 400)
    #expect(visitor.get("/_sandbox/advance?by=soon", method: "POST").status == 400)
  }
}
