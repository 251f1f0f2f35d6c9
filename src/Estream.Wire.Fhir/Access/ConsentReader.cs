using System.Text.Json;
using Estream.Wire.Fhir.Resources;

namespace Estream.Wire.Fhir.Access;

/// <summary>Reads a Consent (FHIR R4, 6.2). Whatever cannot be compared is kept as an empty text, so that it is not lost. Immutable and
/// thread-safe.</summary>
internal sealed class ConsentReader(ServerUrls urls)
{
    private const int MaxDepth = 16;
    private const string ResourceTypes = "http://hl7.org/fhir/resource-types";

    private static readonly string[] s_otherScopes = ["research", "adr", "treatment"];

    // Participations of the source of data. Other participations are requesters.
    private static readonly string[] s_sourceRoles = ["AUT", "CST", "INF", "ENT"];

    public ConsentRecord Read(JsonElement consent)
    {
        bool isOther = Codes(consent.Member("scope")).Any(s_otherScopes.Contains);
        string[] policies = [.. Codes(consent.Member("policyRule"))];
        bool? policy = policies.Contains("OPTIN") ? true : policies.Contains("OPTOUT") ? false : null;
        JsonElement rule = consent.Member("provision");
        return new ConsentRecord(
            consent.Text("status") == "active" && !isOther,
            policy,
            rule.ValueKind == JsonValueKind.Object ? Provision(rule, 0) : null,
            consent.Member("modifierExtension").ValueKind == JsonValueKind.Undefined);
    }

    private ConsentProvision Provision(JsonElement rule, int depth) => new()
    {
        IsPermit = rule.Text("type") switch { "permit" => true, "deny" => false, _ => null },
        Period = FactReader.PeriodOf(rule.Member("period")),
        Actors = [.. rule.Member("actor").Items().Select(Actor)],
        Actions = [.. rule.Member("action").Items().Select(action => Codes(action).FirstOrDefault(""))],
        Labels = [.. rule.Member("securityLabel").Items().Select(label => label.Text("code"))],
        Purposes = [.. rule.Member("purpose").Items().Select(purpose => purpose.Text("code"))],
        Classes = [.. rule.Member("class").Items().Select(one => one.Text("system") == ResourceTypes ? one.Text("code") : "")],
        Codes = [.. rule.Member("code").Items().SelectMany(Tokens)],
        DataPeriod = FactReader.PeriodOf(rule.Member("dataPeriod")),
        Data = [.. rule.Member("data").Items().Select(Data)],
        Exceptions = depth < MaxDepth ? [.. rule.Member("provision").Items().Select(inner => Provision(inner, depth + 1))] : [],
        HasModifier = rule.Member("modifierExtension").ValueKind != JsonValueKind.Undefined
            || (depth == MaxDepth && rule.Member("provision").ValueKind != JsonValueKind.Undefined),
    };

    private string Actor(JsonElement actor) => Codes(actor.Member("role")).Any(s_sourceRoles.Contains)
        ? "" : ReferenceOf(actor);

    private string Data(JsonElement data) =>
        data.Text("meaning") == "instance" ? ReferenceOf(data) : "";

    /// <summary>The reference of an actor or of data; empty for one that names no resource outside of the consent.</summary>
    private string ReferenceOf(JsonElement element) =>
        element.Member("reference").Text("reference") is { Length: > 0 } text && text[0] != '#' ? urls.Normalize(text) : "";

    private static IEnumerable<FactToken> Tokens(JsonElement concept)
    {
        FactToken[] codings = [.. concept.Member("coding").Items()
            .Select(coding => new FactToken("code", coding.Text("system"), coding.Text("code")))];
        return codings.Length > 0 ? codings : [default(FactToken) with { Value = "" }];
    }

    private static IEnumerable<string> Codes(JsonElement concept) =>
        concept.Member("coding").Items().Select(coding => coding.Text("code")).Where(code => code.Length > 0);
}
