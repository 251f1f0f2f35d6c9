using Estream.Host.Configuration;

namespace Estream.Host.Tests.Configuration;

/// <summary>A few schemas, enough to check references without loading files.</summary>
internal sealed class FakeSchemas : ISchemaLookup
{
    public IEnumerable<string> Names => ["IoTTelemetry", "IoTCommand", "Split", "Paid", "Spoken"];

    public IReadOnlyCollection<string>? FieldsOf(string schema) =>
        Names.Contains(schema) ? ["device_id", "timestamp", "value"] : null;

    public IReadOnlyCollection<string> AudiencesOf(string schema) => schema is "IoTCommand" or "Split" ? ["default"] : [];

    public IReadOnlyCollection<string> SubLexesOf(string schema) => schema == "Split" ? ["clinical"] : [];

    public string? WhyNotInQueues(string schema) => schema == "Spoken" ? "is not in queues." : null;

    public bool HasTokenizedFields(string schema) => schema == "Paid";

    public string? WhyNotKey(string schema, string field) => field == "device_id" ? null : "it is no string.";
}
