using System.Text;
using System.Text.Json;
using Estream.Wire.Fhir.Access;
using Estream.Wire.Fhir.Codec;
using Estream.Wire.Fhir.Search;

namespace Estream.Wire.Fhir.Resources;

/// <summary>Reads the facts of a resource. Values of unexpected types are left out, because the structure was checked before. Immutable and
/// thread-safe.</summary>
/// <param name="urls">The URLs of this server: references below them are taken as relative.</param>
internal sealed class FactReader(ServerUrls urls)
{
    /// <summary>The maximum number of tokens and codes of a new version. Earlier versions in a queue can have more.</summary>
    public const int MaxTokens = 4_096;

    /// <summary>The maximum number of links of a patient.</summary>
    public const int MaxLinks = 64;

    /// <summary>The prefix of the key of an identifier.</summary>
    public const string IdentifierPrefix = "identifier:";

    /// <summary>The prefix of the key of an identifier without a system.</summary>
    public const string NoSystemPrefix = IdentifierPrefix + "|";

    private const string ConditionalPatient = "Patient?";

    /// <summary>The URLs of this server.</summary>
    public ServerUrls Urls => urls;

    /// <summary>Reads the facts of a resource with an id.</summary>
    public ResourceFacts Read(JsonElement resource, string type, string id)
    {
        List<FactToken> tokens = [];
        AddIdentifiers(resource.Member("identifier"), tokens);
        AddConcepts("code", resource.Member("code"), tokens);
        AddConcepts("category", resource.Member("category"), tokens);
        AddText("status", resource.Member("status"), tokens);
        List<string> patients = [];
        List<string> links = [];
        if (type == "Patient")
        {
            patients.Add($"Patient/{id}");
            patients.AddRange(KeysOf(tokens));
            AddText("gender", resource.Member("gender"), tokens);
            AddNames(resource.Member("name"), tokens);
            AddLinks(resource, links);
        }
        else
        {
            JsonElement subject = resource.Member(type == "Consent" ? "patient" : "subject");
            AddReference("subject", subject, tokens);
            AddReference("encounter", resource.Member("encounter"), tokens);
            AddCoding("class", resource.Member("class"), tokens);
            AddPatients(resource, subject, patients, tokens, links);
        }

        return new ResourceFacts
        {
            Type = type,
            Tokens = tokens,
            Codes = ResourceCodes.Of(resource),
            Patients = patients,
            Links = links,
            Labels = [.. resource.Member("meta").Member("security").Items().Select(label => label.Text("code"))],
            Date = DateOf(resource, type),
            BirthDate = PeriodOf(resource.Member("birthDate")),
            Consent = type == "Consent" ? new ConsentReader(urls).Read(resource) : null,
            Subscription = type == "Subscription" ? SubscriptionOf(resource) : null,
        };
    }

    // An identifier without a value, such as a masked one, is not that of one patient.
    private static IEnumerable<string> KeysOf(IEnumerable<FactToken> tokens) =>
        tokens.Where(token => token.Parameter == "identifier" && token.Value.Length > 0).Select(IdentifierKey);

    /// <summary>The key of a patient that is known by an identifier only.</summary>
    public static string IdentifierKey(FactToken identifier) => $"{IdentifierPrefix}{identifier.System}|{identifier.Value}";

    /// <summary>Reads a date, dateTime or Period.</summary>
    public static FactPeriod? PeriodOf(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Object)
        {
            FactPeriod? start = PeriodOf(value.Member("start"));
            FactPeriod? end = PeriodOf(value.Member("end"));
            return start is null && end is null ? null
                : new FactPeriod(start?.Start ?? FactPeriod.NoStart, end?.End ?? FactPeriod.NoEnd);
        }

        return value.ValueKind == JsonValueKind.String
            && FhirTime.TryReadRange(Encoding.UTF8.GetBytes(value.GetString()!), out long first, out long last)
            ? new FactPeriod(first, last) : null;
    }

    private static FactPeriod? DateOf(JsonElement resource, string type) => type switch
    {
        "Observation" => PeriodOf(resource.Member("effectiveDateTime")) ?? PeriodOf(resource.Member("effectiveInstant"))
            ?? PeriodOf(resource.Member("effectivePeriod")) ?? LimitsOf(resource.Member("effectiveTiming")),
        "Encounter" => PeriodOf(resource.Member("period")),
        "Consent" => PeriodOf(resource.Member("dateTime")),
        _ => null,
    };

    /// <summary>The outer limits of a Timing: from the earliest to the latest time of its bounds and events.</summary>
    private static FactPeriod? LimitsOf(JsonElement timing)
    {
        FactPeriod? limits = PeriodOf(timing.Member("repeat").Member("boundsPeriod"));
        foreach (JsonElement item in timing.Member("event").Items())
        {
            if (PeriodOf(item) is { } one)
            {
                limits = limits is { } all ? new FactPeriod(Math.Min(all.Start, one.Start), Math.Max(all.End, one.End)) : one;
            }
        }

        return limits;
    }

    /// <summary>The keys of the patients that a subject names: by reference, also conditional, by identifier, or as a contained
    /// resource.</summary>
    private void AddPatients(
        JsonElement resource, JsonElement subject, List<string> patients, List<FactToken> tokens, List<string> links)
    {
        string reference = urls.Normalize(subject.Text("reference"));
        if (reference.StartsWith('#'))
        {
            JsonElement contained = resource.Member("contained").Items().FirstOrDefault(one => one.Text("id") == reference[1..]);
            List<FactToken> identifiers = [];
            AddIdentifiers(contained.Member("identifier"), identifiers);
            patients.AddRange(KeysOf(identifiers));
            AddLinks(contained, links);
        }
        else if (IsPatient(reference))
        {
            patients.Add(reference);
            tokens.Add(new FactToken("patient", "", reference));
        }

        if (reference.StartsWith(ConditionalPatient, StringComparison.Ordinal))
        {
            AddConditional(reference[ConditionalPatient.Length..], patients);
        }

        JsonElement identifier = subject.Member("identifier");
        if (identifier.Text("value").Length > 0)
        {
            patients.Add(IdentifierKey(new FactToken("identifier", identifier.Text("system"), identifier.Text("value"))));
        }
    }

    private static bool IsPatient(string reference) => reference.StartsWith("Patient/", StringComparison.Ordinal)
        || reference.Contains("/Patient/", StringComparison.Ordinal) || reference.StartsWith("urn:", StringComparison.Ordinal);

    /// <summary>Adds the keys of the patients that a patient is linked to. Includes links of all types, because each type links records
    /// of the same actual patient (FHIR R4, Patient.link).</summary>
    private void AddLinks(JsonElement patient, List<string> links)
    {
        foreach (JsonElement other in patient.Member("link").Items().Select(link => link.Member("other")))
        {
            if (urls.Normalize(other.Text("reference")) is var reference && IsPatient(reference))
            {
                links.Add(reference);
            }

            JsonElement identifier = other.Member("identifier");
            if (identifier.Text("value").Length > 0)
            {
                links.Add(IdentifierKey(new FactToken("identifier", identifier.Text("system"), identifier.Text("value"))));
            }
        }
    }

    /// <summary>The keys of the patient that a conditional reference names, or one more than a resource may have. Only transactions
    /// replace these references.</summary>
    private static void AddConditional(string query, List<string> patients)
    {
        foreach ((string name, string value) in QueryText.Parse(query))
        {
            foreach (SearchValue one in name is "identifier" or "_id" ? SearchValue.Split(value, name == "identifier") : [])
            {
                if (patients.Count > MaxTokens)
                {
                    return;
                }

                patients.Add(name == "_id" ? $"Patient/{one.Text}"
                    : IdentifierKey(new FactToken(name, one.System ?? "", one.Text)));
            }
        }
    }

    private void AddReference(string parameter, JsonElement reference, List<FactToken> tokens)
    {
        if (reference.Text("reference") is { Length: > 0 } text)
        {
            tokens.Add(new FactToken(parameter, "", urls.Normalize(text)));
        }
    }

    private static void AddIdentifiers(JsonElement identifiers, List<FactToken> tokens)
    {
        foreach (JsonElement identifier in identifiers.Items())
        {
            tokens.Add(new FactToken("identifier", identifier.Text("system"), identifier.Text("value")));
        }
    }

    private static void AddConcepts(string parameter, JsonElement concepts, List<FactToken> tokens)
    {
        foreach (JsonElement coding in concepts.Items().SelectMany(concept => concept.Member("coding").Items()))
        {
            AddCoding(parameter, coding, tokens);
        }
    }

    private static void AddCoding(string parameter, JsonElement coding, List<FactToken> tokens)
    {
        string system = coding.Text("system"), code = coding.Text("code");
        if (system.Length > 0 || code.Length > 0)
        {
            tokens.Add(new FactToken(parameter, system, code));
        }
    }

    private static void AddText(string parameter, JsonElement text, List<FactToken> tokens)
    {
        if (text.ValueKind == JsonValueKind.String)
        {
            tokens.Add(new FactToken(parameter, "", text.GetString()!));
        }
    }

    /// <summary>The names without case and accents. The parameter <c>name</c> has all texts of a HumanName.</summary>
    private static void AddNames(JsonElement names, List<FactToken> tokens)
    {
        foreach (JsonElement name in names.Items())
        {
            AddName("family", name.Member("family"), tokens);
            AddName("given", name.Member("given"), tokens);
            foreach (string member in (ReadOnlySpan<string>)["family", "given", "text", "prefix", "suffix"])
            {
                AddName("name", name.Member(member), tokens);
            }
        }
    }

    private static void AddName(string parameter, JsonElement texts, List<FactToken> tokens)
    {
        foreach (JsonElement text in texts.Items().Where(text => text.ValueKind == JsonValueKind.String))
        {
            tokens.Add(new FactToken(parameter, "", FoldedText.Of(text.GetString()!)));
        }
    }

    private static SubscriptionFacts SubscriptionOf(JsonElement resource)
    {
        JsonElement channel = resource.Member("channel");
        return new SubscriptionFacts(resource.Text("status"), resource.Text("criteria"), channel.Text("type"), channel.Text("endpoint"),
            channel.Text("payload"));
    }
}

/// <summary>Reads JSON leniently: an absent or different value is undefined, empty or an empty list.</summary>
internal static class JsonElementExtensions
{
    public static JsonElement Member(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) ? value : default;

    public static string Text(this JsonElement element, string name) =>
        element.Member(name) is { ValueKind: JsonValueKind.String } value ? value.GetString()! : "";

    /// <summary>The items of an array, or a single value as one item.</summary>
    public static IEnumerable<JsonElement> Items(this JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Array => element.EnumerateArray(),
        JsonValueKind.Undefined or JsonValueKind.Null => [],
        _ => [element],
    };
}
