using System.Text.Json.Nodes;

namespace Estream.Wire.Fhir.Tests.Peers;

/// <summary>Random resources whose values repeat, and random values to search for them.</summary>
internal sealed class RandomResources(Random random)
{
    private static readonly string[] s_names =
        ["Müller", "MULLER", "Mu\u0308ller-Lüdenscheid", "Ångström", "angst", "O'Brien, Jr", "a|b", @"x\y", "$5", "Đặng"];

    private static readonly string[] s_systems = ["http://a.example/s", "urn:oid:1.2.3", @"http://b.example/c,d|e"];
    private static readonly string[] s_codes = ["a", "b", "718-7", "x,y", "p|q", @"r\s", "t$"];

    private static readonly string[] s_dates =
    [
        "2019", "2020", "2020-02", "2020-02-29", "2020-03-01", "2020-02-29T23:30:00Z", "2020-03-01T00:30:00+01:00",
        "2020-12-31T23:59:59.999Z", "2021-01-01T00:00:00.000Z", "9999-12-31",
    ];

    private static readonly string[] s_prefixes = ["", "eq", "ne", "lt", "gt", "le", "ge", "sa", "eb"];

    private static readonly Dictionary<string, string[]> s_statuses = new(StringComparer.Ordinal)
    {
        ["Observation"] = ["final", "preliminary", "amended"],
        ["Encounter"] = ["planned", "finished"],
        ["Consent"] = ["draft", "inactive", "rejected"],
    };

    private readonly Dictionary<string, List<string>> _ids = new(StringComparer.Ordinal) { ["Patient"] = [], ["Encounter"] = [] };

    /// <summary>Makes a resource. Consents are not active, because those would hide other resources.</summary>
    /// <param name="type">The resource type.</param>
    /// <param name="baseUrl">The URL of the server, for absolute references.</param>
    public JsonObject Next(string type, string baseUrl)
    {
        JsonObject resource = new() { ["resourceType"] = type };
        Maybe(() => resource["identifier"] = Many(() => Pair("system", s_systems, "value", s_codes)));
        if (type == "Patient")
        {
            Maybe(() => resource["name"] = Many(Name));
            Maybe(() => resource["gender"] = Of(["male", "female", "other"]));
            Maybe(() => resource["birthDate"] = Of(s_dates[..5]));
            return resource;
        }

        resource["status"] = Of(s_statuses[type]);
        switch (type)
        {
            case "Observation":
                resource["code"] = Concept();
                Maybe(() => resource["category"] = Many(Concept));
                Maybe(() => AddEffective(resource));
                Maybe(() => resource["subject"] = Reference("Patient", baseUrl));
                Maybe(() => resource["encounter"] = Reference("Encounter", baseUrl));
                break;
            case "Encounter":
                resource["class"] = Pair("system", s_systems, "code", s_codes);
                Maybe(() => resource["period"] = Period());
                Maybe(() => resource["subject"] = Reference("Patient", baseUrl));
                break;
            default:
                resource["scope"] = Concept();
                resource["category"] = Many(Concept);
                resource["policyRule"] = Concept();
                Maybe(() => resource["dateTime"] = Of(s_dates));
                Maybe(() => resource["patient"] = Reference("Patient", baseUrl));
                break;
        }

        return resource;
    }

    /// <summary>Tells the id of a stored resource, to which others can refer.</summary>
    public void Add(string type, string id) => _ids.GetValueOrDefault(type)?.Add(id);

    /// <summary>One or two values of a search, with escapes.</summary>
    public string Value(string type, string name, string kind, string baseUrl)
    {
        string value = One(type, name, kind, baseUrl);
        return random.Next(4) == 0 ? $"{value},{One(type, name, kind, baseUrl)}" : value;
    }

    public T Of<T>(IReadOnlyList<T> values) => values[random.Next(values.Count)];

    private static string Escape(string text) =>
        string.Concat(text.Select(one => one is '\\' or ',' or '|' or '$' ? $"\\{one}" : $"{one}"));

    private string One(string type, string name, string kind, string baseUrl)
    {
        switch (kind)
        {
            case "date":
                return Of(s_prefixes) + Of(s_dates);
            case "string":
                string text = Of(s_names);
                text = random.Next(2) == 0 ? text.ToUpperInvariant() : text;
                return Escape(text[..random.Next(1, text.Length + 1)]);
            case "reference":
                string target = name == "encounter" ? "Encounter" : "Patient";
                return Of(["", $"{target}/", $"{baseUrl}{target}/"]) + Of(_ids[target]);
            default:
                string code = Escape(name switch
                {
                    "status" => Of(s_statuses[type]),
                    "gender" => Of(["male", "female", "other"]),
                    _ => Of(s_codes),
                });
                return name is "status" or "gender" ? code : random.Next(4) switch
                {
                    0 => $"{Escape(Of(s_systems))}|{code}",
                    1 => $"{Escape(Of(s_systems))}|",
                    2 => $"|{code}",
                    _ => code,
                };
        }
    }

    private JsonObject Name()
    {
        JsonObject name = new() { ["family"] = Of(s_names) };
        Maybe(() => name["given"] = Many(() => JsonValue.Create(Of(s_names))));
        foreach (string member in (string[])["prefix", "suffix"])
        {
            Maybe(() => name[member] = Many(() => JsonValue.Create(Of(s_names))));
        }

        Maybe(() => name["text"] = Of(s_names));
        return name;
    }

    private JsonObject Concept()
    {
        JsonObject concept = new() { ["text"] = "t" };
        Maybe(() => concept["coding"] = Many(() => Pair("system", s_systems, "code", s_codes)));
        return concept;
    }

    /// <summary>An object with one of two members, or both.</summary>
    private JsonObject Pair(string first, string[] firstValues, string second, string[] secondValues)
    {
        int which = random.Next(4);
        JsonObject pair = [];
        if (which != 0)
        {
            pair[first] = Of(firstValues);
        }

        if (which != 1)
        {
            pair[second] = Of(secondValues);
        }

        return pair;
    }

    private void AddEffective(JsonObject resource)
    {
        switch (random.Next(4))
        {
            case 0:
                resource["effectiveDateTime"] = Of(s_dates);
                break;
            case 1:
                resource["effectivePeriod"] = Period();
                break;
            case 2:
                resource["effectiveInstant"] = Of(s_dates[5..9]);
                break;
            default:
                resource["effectiveTiming"] = new JsonObject { ["event"] = Many(() => JsonValue.Create(Of(s_dates))) };
                break;
        }
    }

    private JsonObject Period()
    {
        int first = random.Next(s_dates.Length), last = random.Next(first, s_dates.Length), which = random.Next(4);
        JsonObject period = [];
        if (which != 0)
        {
            period["start"] = s_dates[first];
        }

        if (which != 1)
        {
            period["end"] = s_dates[last];
        }

        return period;
    }

    private JsonObject Reference(string target, string baseUrl) =>
        new() { ["reference"] = Of(["", baseUrl]) + $"{target}/{Of(_ids[target])}" + Of(["", "", "/_history/1"]) };

    private JsonArray Many(Func<JsonNode> make) => [.. Enumerable.Range(0, random.Next(1, 3)).Select(_ => make())];

    private void Maybe(Action add)
    {
        if (random.Next(4) != 0)
        {
            add();
        }
    }
}
