using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;
using Estream.Fhir;
using Estream.Wire.Fhir.Access;
using Estream.Wire.Fhir.Codec;
using Estream.Wire.Fhir.Resources;
using Estream.Wire.Fhir.Search;
using Estream.Wire.Fhir.Store;

namespace Estream.Wire.Fhir.Rest;

/// <summary>Checks the resource of a request and gives it an id and a version. Thread-safe.</summary>
internal sealed class ResourceBuilder(ResourceStore store, FhirHandlerOptions options)
{
    /// <summary>The maximum number of subscriptions that are not off.</summary>
    public const int MaxSubscriptions = 1_000;

    private const int EncodingReserve = 4_096;
    private const int MaxEncodedBytes = 1 << 28;

    /// <summary>Reads the id of a resource, which may have none.</summary>
    /// <returns>The failure; null if the body is a resource of the type.</returns>
    public static FhirResponse? ReadId(ReadOnlyMemory<byte> body, string type, out string id)
    {
        id = "";
        using JsonDocument? json = Utf8.IsValid(body.Span) ? ResourceStore.TryParse(body) : null;
        if (json is null)
        {
            return Outcome.Fail(400, "structure", "The body is not valid JSON in UTF-8, repeats a member, or is nested too deeply.");
        }

        if (json.RootElement.ValueKind != JsonValueKind.Object || json.RootElement.Text("resourceType") != type)
        {
            return Outcome.Fail(400, "structure", $"The body is not a resource of type {type}.", "resourceType");
        }

        id = json.RootElement.Text("id");
        return null;
    }

    /// <summary>Makes the change of a create or update. The caller has called <see cref="ReadId"/>.</summary>
    /// <returns>The failure; null if the resource is valid.</returns>
    public FhirResponse? Build(FhirRequest request, ResourceStamp stamp, Interaction interaction, out ResourceChange? change)
    {
        change = null;
        ReadOnlyMemory<byte> body = request.Body;
        if (stamp.Type == FhirTypes.Subscription)
        {
            body = Activate(body);
        }

        byte[] text = ResourceText.Stamp(body.Span, stamp, request.References);
        using JsonDocument json = ResourceStore.TryParse(text)!;
        ResourceFacts facts = store.Facts.Read(json.RootElement, stamp.Type, stamp.Id);
        FhirResponse? failure = CheckStructure(stamp.Type, text) ?? CheckCount(facts) ?? CheckSubscription(facts.Subscription, stamp.Id);
        SmartAction action = interaction == Interaction.Create && request.Method == "POST" ? SmartAction.Create : SmartAction.Update;
        failure ??= !request.Principal.May(action, facts) ? ReadHandler.Refuse(AccessDecision.OutOfScope)
            : request.Principal.MayIdentify(action, store.Read(index => index.Find(stamp.Type, stamp.Id)?.Facts), facts) ? null
            : Outcome.Fail(403, "forbidden", "A client with scopes of a patient cannot add, change or remove identifiers of the Patient.",
                "Patient.identifier");
        change = failure is null
            ? new ResourceChange(stamp.Type, stamp.Id, stamp.Version, stamp.LastUpdated, interaction, text, facts)
            {
                Author = request.Principal.Name,
            }
            : null;
        return failure;
    }

    /// <summary>Checks types, formats, required codes and required elements by translating the resource.</summary>
    private static FhirResponse? CheckStructure(string type, byte[] text)
    {
        if (!FhirSchemas.Maps.TryGetValue(type, out ResourceMap? map))
        {
            return null;
        }

        for (long room = (2L * text.Length) + EncodingReserve; room <= MaxEncodedBytes; room *= 2)
        {
            byte[] scratch = ArrayPool<byte>.Shared.Rent((int)room);
            FhirStatus status = FhirEncoder.Encode(map, text, null, scratch, out _);
            scratch.AsSpan().Clear();
            ArrayPool<byte>.Shared.Return(scratch);
            if (status.Error != FhirError.DestinationTooSmall)
            {
                return status.IsValid ? null : Outcome.Fail(422, CodeOf(status.Error), $"Not a valid {type}: {status.Describe(map)}.",
                    status.PathIn(map));
            }
        }

        return Outcome.Fail(413, "too-long", "The resource is too long.");
    }

    /// <summary>Refuses a resource with more values than the indexes hold; a consent could not find what is left out.</summary>
    private static FhirResponse? CheckCount(ResourceFacts facts) =>
        facts.Links.Count > FactReader.MaxLinks
            ? Outcome.Fail(422, "too-costly", $"The patient has more than {FactReader.MaxLinks} links. Link the records in a chain.")
        : facts.Tokens.Count + facts.Codes.Count + facts.Patients.Count <= FactReader.MaxTokens ? null
        : Outcome.Fail(422, "too-costly", $"The resource has more than {FactReader.MaxTokens} codes, identifiers and names. Split it.");

    private static string CodeOf(FhirError error) => error switch
    {
        FhirError.Missing => "required",
        FhirError.WrongValue => "value",
        _ => "structure",
    };

    /// <summary>Accepts a requested subscription (FHIR R4, 2.47.3): its status becomes active.</summary>
    private static ReadOnlyMemory<byte> Activate(ReadOnlyMemory<byte> body)
    {
        JsonNode node = JsonNode.Parse(body.Span)!;
        if (node["status"] is JsonValue status && status.TryGetValue(out string? text) && text == "requested")
        {
            node["status"] = "active";
            return JsonSerializer.SerializeToUtf8Bytes(node);
        }

        return body;
    }

    /// <summary>Checks that a server does not get too many subscriptions.</summary>
    /// <param name="added">The number of new subscriptions.</param>
    /// <param name="id">A subscription that is replaced; empty for none.</param>
    public FhirResponse? CheckSubscriptionCount(int added, string id = "")
    {
        int others = store.Read(index => index.OfType(FhirTypes.Subscription)
            .Count(entry => !entry.IsDeleted && entry.Id != id && entry.Facts.Subscription!.Status != "off"));
        return others + added <= MaxSubscriptions ? null
            : Outcome.Fail(422, "too-costly", $"The server can have {MaxSubscriptions} subscriptions. Delete others, or set them off.");
    }

    private FhirResponse? CheckSubscription(SubscriptionFacts? subscription, string id)
    {
        if (subscription is null || subscription.Status == "off")
        {
            return null;
        }

        if (subscription.ChannelType != "rest-hook")
        {
            return Outcome.Fail(422, "not-supported", "Only subscriptions with a channel of type rest-hook are supported.",
                "Subscription.channel.type");
        }

        if (!options.SubscriptionEndpoints.TryPermit(subscription.Endpoint, out _))
        {
            return Outcome.Fail(422, "forbidden", "The server may not notify this endpoint; see the setting SubscriptionEndpoints.",
                "Subscription.channel.endpoint");
        }

        if (CheckSubscriptionCount(1, id) is { } tooMany)
        {
            return tooMany;
        }

        (string[] path, string query) = FhirRequest.Split(subscription.Criteria);
        return path.Length == 1 && FhirTypes.IsKnown(path[0])
            && SearchQuery.TryParse(path[0], QueryText.Parse(query), QueryUse.Filter, store.Facts.Urls, out _, out _)
            && subscription.Payload is "" or "application/fhir+json" or "application/json" && path.Length == 1
            ? null
            : Outcome.Fail(422, "not-supported", "The criteria are not a supported search, or the payload is not JSON.",
                "Subscription.criteria");
    }

    /// <summary>Copies the JSON of an element.</summary>
    public static byte[] TextOf(JsonElement element) =>
        element.ValueKind == JsonValueKind.Undefined ? [] : JsonMarshal.GetRawUtf8Value(element).ToArray();
}
