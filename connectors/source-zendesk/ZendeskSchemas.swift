import ConnectorKit

/// What Zendesk's records hold (https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/, …/users/users/,
/// …/organizations/organizations/).
enum ZendeskSchemas {
  static let tickets: StreamSchema = [
    "id": .integer, "url": .string, "external_id": .string, "via": .object, "created_at": .dateTime, "updated_at": .dateTime,
    "generated_timestamp": .integer, "type": .string, "subject": .string, "raw_subject": .string, "description": .string, "priority": .string,
    "status": .string, "recipient": .string, "requester_id": .integer, "submitter_id": .integer, "assignee_id": .integer,
    "organization_id": .integer, "group_id": .integer, "collaborator_ids": .array, "follower_ids": .array, "email_cc_ids": .array,
    "forum_topic_id": .integer, "problem_id": .integer, "has_incidents": .boolean, "is_public": .boolean, "due_at": .dateTime, "tags": .array,
    "custom_fields": .array, "fields": .array, "satisfaction_rating": .object, "sharing_agreement_ids": .array, "custom_status_id": .integer,
    "encoded_id": .string, "followup_ids": .array, "ticket_form_id": .integer, "brand_id": .integer, "allow_channelback": .boolean,
    "allow_attachments": .boolean, "from_messaging_channel": .boolean, "support_type": .string, "deleted_ticket_form_id": .integer,
  ]

  static let users: StreamSchema = [
    "id": .integer, "url": .string, "name": .string, "email": .string, "created_at": .dateTime, "updated_at": .dateTime, "time_zone": .string,
    "iana_time_zone": .string, "phone": .string, "shared_phone_number": .boolean, "photo": .object, "locale_id": .integer, "locale": .string,
    "organization_id": .integer, "role": .string, "verified": .boolean, "external_id": .string, "tags": .array, "alias": .string,
    "active": .boolean, "shared": .boolean, "shared_agent": .boolean, "last_login_at": .dateTime, "two_factor_auth_enabled": .boolean,
    "signature": .string, "details": .string, "notes": .string, "role_type": .integer, "custom_role_id": .integer, "is_billing_admin": .boolean,
    "moderator": .boolean, "ticket_restriction": .string, "only_private_comments": .boolean, "restricted_agent": .boolean,
    "suspended": .boolean, "default_group_id": .integer, "report_csv": .boolean, "user_fields": .object, "permanently_deleted": .boolean,
    "last_active": .dateTime, "chat_only": .boolean,
  ]

  static let organizations: StreamSchema = [
    "id": .integer, "url": .string, "name": .string, "shared_tickets": .boolean, "shared_comments": .boolean, "external_id": .string,
    "created_at": .dateTime, "updated_at": .dateTime, "domain_names": .array, "details": .string, "notes": .string, "group_id": .integer,
    "tags": .array, "organization_fields": .object, "deleted_at": .dateTime,
  ]
}
