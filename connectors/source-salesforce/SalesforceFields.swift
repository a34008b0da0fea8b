import ConnectorKit
import DataFormats
import Diagnostics
import HTTP

/// Which fields an object has: those that the organization shows this user, or a standard list
/// (https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/).
enum SalesforceFields {
  /// The fields of `object` as the organization describes them; where it describes nothing, `fallback`.
  static func describe(_ object: String, otherwise fallback: StreamSchema?, _ api: API) throws -> StreamSchema {
    do {
      return try SalesforceLogin.explainingQuota {
        try api.get(SalesforceSource.root + "sobjects/\(object)/describe") { page in
          var properties: [(name: String, type: PropertyType)] = []
          for field in try page.records("fields") {
            guard let name = field.string("name"), let type = property(field.string("type") ?? "") else { continue }
            properties.append((name, type))
          }
          return StreamSchema(properties)
        }
      }
    } catch let failure as HTTPFailure where failure.kind == .status(404) {
      if let fallback { return fallback }
      throw Diagnostic(
        .configuration, "salesforce.unknown-object", "the organization shows no object '\(object)'",
        hint: "check the API name in custom_objects (those of custom objects end with __c) and what the user may see", cause: failure.diagnostic.message)
    }
  }

  /// The property for a field type; nil for types that queries do not deliver.
  private static func property(_ type: String) -> PropertyType? {
    switch type {
    case "boolean": .boolean
    case "int", "long": .integer
    case "double", "currency", "percent": .number
    case "date": .date
    case "datetime": .dateTime
    case "address", "location": .object
    case "base64": nil
    case "anyType": .any
    default: .string
    }
  }

  private static let system: StreamSchema = [
    "IsDeleted": .boolean, "CreatedDate": .dateTime, "CreatedById": .string, "LastModifiedDate": .dateTime, "LastModifiedById": .string,
    "SystemModstamp": .dateTime,
  ]

  /// The objects that are read without being asked for.
  static let standard: [(name: String, fields: StreamSchema)] = [
    ("Account", account.adding(system)), ("Contact", contact.adding(system)), ("Lead", lead.adding(system)),
    ("Opportunity", opportunity.adding(system)), ("Case", supportCase.adding(system)),
  ]

  private static let account: StreamSchema = [
    "Id": .string, "Name": .string, "Type": .string, "ParentId": .string, "BillingStreet": .string, "BillingCity": .string,
    "BillingState": .string, "BillingPostalCode": .string, "BillingCountry": .string, "Phone": .string, "Website": .string,
    "Industry": .string, "AnnualRevenue": .number, "NumberOfEmployees": .integer, "Description": .string, "OwnerId": .string,
    "AccountSource": .string,
  ]

  private static let contact: StreamSchema = [
    "Id": .string, "AccountId": .string, "LastName": .string, "FirstName": .string, "Salutation": .string, "Name": .string,
    "MailingStreet": .string, "MailingCity": .string, "MailingState": .string, "MailingPostalCode": .string, "MailingCountry": .string,
    "Phone": .string, "MobilePhone": .string, "HomePhone": .string, "Email": .string, "Title": .string, "Department": .string,
    "LeadSource": .string, "Birthdate": .date, "Description": .string, "OwnerId": .string, "HasOptedOutOfEmail": .boolean,
  ]

  private static let lead: StreamSchema = [
    "Id": .string, "LastName": .string, "FirstName": .string, "Salutation": .string, "Name": .string, "Title": .string,
    "Company": .string, "Street": .string, "City": .string, "State": .string, "PostalCode": .string, "Country": .string,
    "Phone": .string, "MobilePhone": .string, "Email": .string, "Website": .string, "Description": .string, "LeadSource": .string,
    "Status": .string, "Industry": .string, "Rating": .string, "OwnerId": .string, "IsConverted": .boolean, "ConvertedDate": .date,
    "ConvertedAccountId": .string, "ConvertedContactId": .string, "ConvertedOpportunityId": .string,
  ]

  private static let opportunity: StreamSchema = [
    "Id": .string, "AccountId": .string, "Name": .string, "Description": .string, "StageName": .string, "Amount": .number,
    "Probability": .number, "CloseDate": .date, "Type": .string, "NextStep": .string, "LeadSource": .string, "IsClosed": .boolean,
    "IsWon": .boolean, "ForecastCategory": .string, "OwnerId": .string, "ContactId": .string,
  ]

  private static let supportCase: StreamSchema = [
    "Id": .string, "CaseNumber": .string, "ContactId": .string, "AccountId": .string, "SuppliedName": .string, "SuppliedEmail": .string,
    "SuppliedPhone": .string, "Type": .string, "Status": .string, "Reason": .string, "Origin": .string, "Subject": .string,
    "Priority": .string, "Description": .string, "IsClosed": .boolean, "ClosedDate": .dateTime, "OwnerId": .string,
  ]
}
