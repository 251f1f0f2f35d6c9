using System.Text;
using System.Text.Json;
using Estream.Esf;
using Estream.Testing;
using Estream.Wire.Fhir;
using Estream.Wire.Fhir.Access;
using Estream.Wire.Fhir.Codec;
using Estream.Wire.Fhir.Patch;
using Estream.Wire.Fhir.Resources;
using Estream.Wire.Fhir.Search;
using Estream.Wire.Fhir.Store;

namespace Estream.Fuzz.Fhir;

/// <summary>The FHIR codec on damaged resources: no exception, and every translated message is valid.</summary>
public sealed class FhirCodecFuzz
{
    private static readonly (string Type, byte[] Json)[] s_seeds =
    [
        ("Observation", """
            {"resourceType":"Observation","id":"o","meta":{"versionId":"1","lastUpdated":"2026-01-01T00:00:00Z"},"status":"final",
             "code":{"coding":[{"code":"x"},{"system":"http://loinc.org","code":"718-7","display":"d"}]},"subject":{"reference":"Patient/1"},
             "effectivePeriod":{"start":"2026-01"},"valueQuantity":{"value":7.20,"unit":"g\u002FdL"},
             "component":[{"code":{"text":"c"},"valueSampledData":{"origin":{"value":1},"period":10,"dimensions":1,"data":"1 E"}}]}
            """u8.ToArray()),
        ("Patient", """
            {"resourceType":"Patient","id":"p","active":true,"name":[{"given":["A",null],"_given":[null,{"id":"x"}]}],
             "birthDate":"1970-01-01","multipleBirthInteger":2,"contact":[{"gender":"female"}],"contained":[{"id":"c"}]}
            """u8.ToArray()),
        ("Consent", """
            {"resourceType":"Consent","id":"c","status":"active","scope":{"text":"s"},"category":[{"text":"t"}],
             "patient":{"reference":"#c"},"provision":{"type":"permit","provision":[{"type":"deny","actor":[{"role":{},
             "reference":{"reference":"Practitioner/1"}}]}]}}
            """u8.ToArray()),
    ];

    private static readonly string[] s_operations = ["add", "remove", "replace", "move", "copy", "test"];

    private static readonly string[] s_paths =
        ["", "/", "/name/0", "/code/coding/0/", "/code/coding/-", "/meta", "/contained/0", "/component/0/valueSampledData/origin"];

    private readonly byte[] _message = new byte[1 << 16];
    private static readonly ServerUrls s_urls = new("http://x/");

    private readonly FactReader _facts = new(s_urls);

    [Property(2_000, 2_500_000)]
    public void Resources_never_throw_and_translate_to_valid_messages(byte seed, int place, byte value, byte[] noise)
    {
        (string type, byte[] json) = Damage(seed, place, value, noise);
        ResourceMap map = FhirSchemas.Maps[type];
        if (FhirEncoder.Encode(map, json, null, _message, out int length).IsOk)
        {
            Assert.True(EsfValidator.Check(map.Schema, _message.AsSpan(0, length)).IsOk);
        }
    }

    [Property(2_000, 2_500_000)]
    public void Facts_and_stamped_texts_never_throw(byte seed, int place, byte value, byte[] noise)
    {
        (string type, byte[] json) = Damage(seed, place, value, noise);
        using JsonDocument? parsed = System.Text.Unicode.Utf8.IsValid(json) ? ResourceStore.TryParse(json) : null;
        if (parsed?.RootElement.ValueKind == JsonValueKind.Object)
        {
            _facts.Read(parsed.RootElement, type, "id");
            new ConsentReader(s_urls).Read(parsed.RootElement);
            byte[] text = ResourceText.Stamp(
                json, new ResourceStamp(type, "id", 1, 0), new Dictionary<string, string> { ["#c"] = "Patient/1" });
            using JsonDocument? again = ResourceStore.TryParse(text);
            Assert.NotNull(again);
        }
    }

    [Property(2_000, 2_500_000)]
    public void Queries_and_scopes_never_throw(string text)
    {
        SearchQuery.TryParse("Observation", QueryText.Parse(text ?? ""), QueryUse.Search, s_urls, out _, out _);
        SearchQuery.TryParse("Observation", QueryText.Parse($"patient.{text}"), QueryUse.LenientSearch, s_urls, out _, out _);
        SearchQuery.TryParse("Observation", QueryText.Parse($"_sort={text}&_after={text}"), QueryUse.Search, s_urls, out _, out _);
        s_urls.PathOf(text ?? "");
        string reference = s_urls.Normalize($"http://X/{text}");
        Assert.Equal(reference, s_urls.Normalize(reference));
        Assert.Equal(SmartScope.TryParse(text ?? "", s_urls, out SmartScope? scope), scope is not null);
    }

    [Property(2_000, 2_500_000)]
    public void Patches_never_throw_and_make_valid_json(byte op, string path, string from, byte seed, int place, byte value, byte[] noise)
    {
        byte[] resource = s_seeds[seed % s_seeds.Length].Json;
        string operation = JsonSerializer.Serialize(new
        {
            op = s_operations[op % s_operations.Length], path = s_paths[place & 7] + path, from = s_paths[(place >> 3) & 7] + from, value,
        });
        byte[] patch = op < 128 ? Encoding.UTF8.GetBytes($"[{operation},{operation}]") : Damage(seed, place, value, noise).Json;
        if (JsonPatch.Apply(resource, patch, 1 << 16, out ReadOnlyMemory<byte> patched) is null)
        {
            using JsonDocument? again = ResourceStore.TryParse(patched);
            Assert.NotNull(again);
        }
    }

    private static (string Type, byte[] Json) Damage(byte seed, int place, byte value, byte[] noise)
    {
        (string type, byte[] json) = s_seeds[seed % s_seeds.Length];
        int at = (int)((uint)place % (uint)json.Length);
        byte[] damaged = (value % 3) switch
        {
            0 => [.. json[..at], value, .. json[(at + 1)..]],
            1 => [.. json[..at], .. (noise ?? []).Take(8), .. json[at..]],
            _ => json[..at],
        };
        return (type, damaged);
    }
}
