using System.Text.Json.Serialization;

namespace Estream.Scenarios.Peers;

/// <summary>The elements of an Observation that the message of `fhir-parse` has.</summary>
internal sealed record JsonObservation(
    string? Id, JsonMeta? Meta, List<JsonIdentifier>? Identifier, string? Status, List<JsonConcept>? Category, JsonConcept? Code,
    JsonReference? Subject, string? EffectiveDateTime, List<JsonReference>? Performer, List<JsonConcept>? Interpretation,
    JsonConcept? BodySite, List<JsonComponent>? Component);

internal sealed record JsonMeta(string? VersionId, DateTimeOffset LastUpdated);

internal sealed record JsonIdentifier(string? System, string? Value);

internal sealed record JsonConcept(List<JsonCoding>? Coding, string? Text);

internal sealed record JsonCoding(string? System, string? Code, string? Display);

internal sealed record JsonReference(string? Reference);

internal sealed record JsonQuantity(decimal Value, string? Unit, string? System, string? Code);

internal sealed record JsonComponent(JsonConcept? Code, JsonQuantity? ValueQuantity);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(JsonObservation))]
internal sealed partial class FhirJsonContext : JsonSerializerContext;
