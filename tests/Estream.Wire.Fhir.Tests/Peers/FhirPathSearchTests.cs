using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Estream.Testing;
using Estream.Wire.Fhir.Search;
using Estream.Wire.Fhir.Tests.Rig;
using Xunit.Abstractions;

namespace Estream.Wire.Fhir.Tests.Peers;

/// <summary>
/// Goal: a search finds the resources that its SearchParameter of R4 selects. Method: stores random resources, reads them back, and
/// searches for random values. fhirpath evaluates the expressions of HL7 over the same resources; both must find the same ids.
/// </summary>
public sealed class FhirPathSearchTests(ITestOutputHelper output)
{
    private static readonly XNamespace s_fhir = "http://hl7.org/fhir";
    private static readonly string[] s_types = ["Patient", "Encounter", "Observation", "Consent"];

    [PeerFact("npm", "npm")]
    public async Task Searches_find_what_the_expressions_of_their_parameters_select()
    {
        int seed = int.TryParse(Environment.GetEnvironmentVariable("ESTREAM_TEST_SEED"), out int given)
            ? given : RandomNumberGenerator.GetInt32(int.MaxValue);
        output.WriteLine($"ESTREAM_TEST_SEED={seed} repeats the resources and values");
        Random random = new(seed);
        RandomResources resources = new(random);
        await using ServerRig rig = await ServerRig.StartAsync();
        JsonArray stored = [];
        foreach (string type in s_types)
        {
            for (int i = LongRun.Count(30, 200); i > 0; i--)
            {
                resources.Add(type, await rig.CreateAsync(type, resources.Next(type, rig.BaseUrl).ToJsonString()));
            }

            Answer all = await rig.SendAsync("GET", $"{type}?_count=1000");
            foreach (JsonElement entry in all.Root.GetProperty("entry").EnumerateArray())
            {
                stored.Add(JsonNode.Parse(entry.GetProperty("resource").GetRawText()));
            }
        }

        Parameter[] parameters = Definitions();
        (string Type, (string Name, string Value)[] Criteria)[] queries = [.. Enumerable.Range(0, LongRun.Count(400, 5_000)).Select(_ =>
        {
            string type = resources.Of(s_types);
            Parameter[] ofType = [.. parameters.Where(one => one.Type == type)];
            return (type, Enumerable.Range(0, random.Next(1, 3)).Select(_ => resources.Of(ofType))
                .Select(one => (one.Name, resources.Value(type, one.Name, one.Kind, rig.BaseUrl))).ToArray());
        })];
        JsonElement judged = Judge(rig.BaseUrl, parameters, stored, queries);
        List<string> differences = [];
        int found = 0;
        for (int i = 0; i < queries.Length; i++)
        {
            string query = string.Join('&', queries[i].Criteria.Select(one => $"{one.Name}={Uri.EscapeDataString(one.Value)}"));
            Answer answer = await rig.SendAsync("GET", $"{queries[i].Type}?_count=1000&{query}");
            Assert.True(answer.Status == 200, answer.Body);
            IEnumerable<string> ids = judged.GetProperty("answers")[i].EnumerateArray().Select(id => id.GetString()!);
            string[] expected = [.. ids.Order(StringComparer.Ordinal)], actual = [.. answer.Ids.Order(StringComparer.Ordinal)];
            if (!expected.SequenceEqual(actual))
            {
                differences.Add(Difference(queries[i].Type, query, expected, actual, stored));
            }

            found += actual.Length;
        }

        output.WriteLine($"{queries.Length} searches of {judged.GetProperty("values")} values in {stored.Count} resources: {found} found");
        Assert.True(differences.Count == 0, string.Join('\n', differences.Take(20)));
        Assert.True(found > queries.Length, $"The searches find {found} resources only.");
    }

    private static string Difference(string type, string query, string[] expected, string[] actual, JsonArray stored)
    {
        string id = expected.Except(actual).Concat(actual.Except(expected)).First();
        return $"{type}?{Uri.UnescapeDataString(query)}: {(expected.Contains(id) ? "not found" : "found wrongly")}: "
            + stored.First(one => (string)one!["id"]! == id)!.ToJsonString();
    }

    /// <summary>The definitions of HL7 for the parameters of the server, except those of all types, whose values the server sets.</summary>
    private static Parameter[] Definitions()
    {
        using ZipArchive zip = ZipFile.OpenRead(Path.Combine(AppContext.BaseDirectory, "specification.zip"));
        using Stream xml = zip.GetEntry("search-parameters.xml")!.Open();
        XElement[] all = [.. XDocument.Load(xml).Descendants(s_fhir + "SearchParameter")];
        return [.. s_types.SelectMany(type => SearchParameters.Of(type).Where(one => one.Key[0] != '_').Select(one =>
        {
            XElement definition = Assert.Single(all, known => Text(known, "code") == one.Key
                && known.Elements(s_fhir + "base").Any(known => known.Attribute("value")!.Value == type));
            return new Parameter(type, one.Key, Text(definition, "type"), Text(definition, "expression"));
        }))];
    }

    private static string Text(XElement definition, string name) => definition.Element(s_fhir + name)!.Attribute("value")!.Value;

    private static JsonElement Judge(
        string server, Parameter[] parameters, JsonArray stored, (string Type, (string Name, string Value)[] Criteria)[] queries)
    {
        using TempDirectory folder = new();
        foreach (string file in (string[])["package.json", "package-lock.json", ".npmrc", "judge.js"])
        {
            File.Copy(RepositoryRoot.Combine("tests", "Estream.Wire.Fhir.Tests", "Peers", "Node", file), folder.Combine(file));
        }

        JsonObject input = new()
        {
            ["server"] = server,
            ["parameters"] = new JsonArray([.. parameters.Select(one => new JsonObject
            {
                ["type"] = one.Type, ["name"] = one.Name, ["kind"] = one.Kind, ["expression"] = one.Expression,
            })]),
            ["resources"] = stored.DeepClone(),
            ["queries"] = new JsonArray([.. queries.Select(query => new JsonObject
            {
                ["type"] = query.Type,
                ["criteria"] = new JsonArray(
                    [.. query.Criteria.Select(one => new JsonObject { ["name"] = one.Name, ["value"] = one.Value })]),
            })]),
        };
        File.WriteAllText(folder.Combine("input.json"), input.ToJsonString());
        ChildProcess.Run(Peer.Require("npm", "npm"), ["ci", "--ignore-scripts", "--silent"], folder.Path).EnsureSuccess();
        string answer = ChildProcess.Run("node", [folder.Combine("judge.js"), folder.Combine("input.json")], folder.Path)
            .EnsureSuccess().Output;
        return JsonDocument.Parse(answer).RootElement;
    }

    private readonly record struct Parameter(string Type, string Name, string Kind, string Expression);
}
