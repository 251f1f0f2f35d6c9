using System.Text.Json;
using System.Text.Json.Serialization;
using Estream.Host.Runtime;
using Estream.Host.Widgets;

namespace Estream.Host.Http;

/// <summary>The JSON serialization of fixed response types, generated at build time. Messages are written by their schema
/// instead.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Overview))]
[JsonSerializable(typeof(QueuePage))]
[JsonSerializable(typeof(QueueDetail))]
[JsonSerializable(typeof(MapList))]
[JsonSerializable(typeof(FoundParts))]
[JsonSerializable(typeof(TokenOverview[]))]
[JsonSerializable(typeof(InstalledOverview[]))]
[JsonSerializable(typeof(MapChangeAnswer))]
[JsonSerializable(typeof(VersionConflict))]
[JsonSerializable(typeof(PublishAnswer))]
[JsonSerializable(typeof(HealthReport))]
[JsonSerializable(typeof(SessionOverview))]
[JsonSerializable(typeof(ReloadReport))]
[JsonSerializable(typeof(RedriveAnswer))]
[JsonSerializable(typeof(CircuitDetail))]
[JsonSerializable(typeof(AdapterDetail))]
[JsonSerializable(typeof(ComponentDetail))]
[JsonSerializable(typeof(DeviceOverview[]))]
[JsonSerializable(typeof(PaymentOverview[]))]
[JsonSerializable(typeof(ComponentUpdateAnswer))]
[JsonSerializable(typeof(AttestationOverview[]))]
[JsonSerializable(typeof(InclusionOverview))]
[JsonSerializable(typeof(LexAnswer))]
[JsonSerializable(typeof(LexAnswer[]))]
[JsonSerializable(typeof(TraceOverview[]))]
[JsonSerializable(typeof(SeriesOverview[]))]
[JsonSerializable(typeof(AlertOverview[]))]
[JsonSerializable(typeof(DashboardList))]
[JsonSerializable(typeof(DashboardConflict))]
[JsonSerializable(typeof(WidgetList))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(string))]
internal sealed partial class ApiJson : JsonSerializerContext;
