using System.Text;
using Estream.Circuits.Operations;
using Estream.Circuits.Testing;
using Estream.Core;
using Estream.Esf;
using Estream.Testing;

namespace Estream.Circuits.Tests.Operations;

/// <summary>Golden vectors of operations fail if anything differs, and report errors in their files with a position.</summary>
public sealed class OperationVectorTests : OperationCase
{
    private const string Put = """
        {"vectors":[{"name":"x","before":{"maps":{"state":{"entries":[{"key":"61","value":"31"}]}},"passed":5},
        "requests":[{"key":"62","value":"32"}],"results":[{"status":"Created","version":2}],"after":{"maps":{"state":[{"key":"61","value":"31"},{"key":"62","value":"32"}]}}}]}
        """;

    [Theory]
    [InlineData("\"version\":2", "\"version\":3",
        """result 1: expected {"status":"Created","version":3}, but was {"status":"Created","version":2}""")]
    [InlineData("[{\"status\":\"Created\",\"version\":2}]", "[]",
        """result 1: expected nothing, but was {"status":"Created","version":2}""")]
    [InlineData("{\"key\":\"62\",\"value\":\"32\"}]}}", "{\"key\":\"62\",\"value\":\"33\"}]}}",
        "map 'state': expected 61: 31, 62: 33, but was 61: 31, 62: 32")]
    [InlineData("[{\"key\":\"61\",\"value\":\"31\"},", "[", "map 'state': expected 62: 32, but was 61: 31, 62: 32")]
    public void An_operation_vector_reports_differences(string written, string other, string expected)
    {
        Assert.Empty(Load("map.put", Put)[0].Run());
        Assert.Contains(written, Put, StringComparison.Ordinal);
        Assert.Equal(expected, Assert.Single(Load("map.put", Put.Replace(written, other, StringComparison.Ordinal))[0].Run()));
    }

    [Fact]
    public void An_operation_vector_reports_different_messages()
    {
        const string Vector =
            """{"vectors":[{"name":"x","before":{"queues":{"log":{"messages":[{"payload":"01","times":2}]}}},"requests":[],"results":[],"after":{"queues":{"log":[{"payload":"01","times":3}]}}}]}""";
        Assert.Equal("queue 'log': expected 3 x 01, but was 2 x 01", Assert.Single(Load("queue.append", Vector)[0].Run()));
    }

    [Fact]
    public void An_operation_vector_fails_for_an_incorrect_target()
    {
        Assert.Equal("result 1: expected {\"status\":\"Created\",\"version\":2}, but was nothing",
            Load("map.put", Put)[0].Run(new IdleTarget())[0]);
        Assert.Throws<ArgumentNullException>(() => Load("map.put", Put)[0].Run(null!));
    }

    [Theory]
    [InlineData("""[{"name":"x"}]""", "/vectors/0: 'requests' is missing")]
    [InlineData("""[{"name":"x","inputs":{}}]""",
        "/vectors/0/inputs: is not a valid name here; use one of name, before, requests, results, after")]
    [InlineData("""[{"name":"x","requests":[{}],"results":[]}]""", "/vectors/0/requests/0: is not a valid map.put.v1.PutRequest")]
    [InlineData("""[{"name":"x","requests":[],"results":[],"before":{"maps":{"stat":{}}}}]""",
        "/vectors/0/before/maps/stat: the operation has no queue or map of this name; it has state")]
    [InlineData("""[{"name":"x","requests":[],"results":[],"before":{"queues":{"log":{}}}}]""",
        "/vectors/0/before/queues/log: the operation has no queue or map of this name; it has none")]
    [InlineData("""[{"name":"x","requests":[],"results":[],"before":{"maps":{"state":{"entries":[{"key":"6","value":""}]}}}}]""",
        "/vectors/0/before/maps/state/entries/0/key: is not hexadecimal: write two digits for each byte")]
    [InlineData("""[{"name":"x","requests":[],"results":[],"before":{"maps":{"state":{"versions":1}}}}]""",
        "/vectors/0/before/maps/state/versions: must be true or false")]
    [InlineData("""[{"name":"x","requests":[],"results":[],"before":{"passed":-1}}]""",
        "/vectors/0/before/passed: must be a whole number from 0 to")]
    public void An_error_in_an_operation_vector_file_is_reported_with_its_position(string vectors, string expected) =>
        Assert.StartsWith($"v.json: {expected}",
            Assert.Throws<EstreamFormatException>(() => Load("map.put", $$"""{"vectors":{{vectors}}}""")).Message,
            StringComparison.Ordinal);

    [Fact]
    public void The_vectors_in_the_operations_guide_pass()
    {
        string page = File.ReadAllText(RepositoryRoot.Combine("docs", "guides", "operations.md"));
        Assert.Empty(Assert.Single(Load("map.put", page.Split("```json\n")[1].Split("```")[0])).Run());
        Assert.Contains(page.Split("```yaml\n")[1].Split("```")[0], File.ReadAllText(FileOf("queue.append")), StringComparison.Ordinal);
    }

    [Fact]
    public void An_operation_trial_deletes_its_files()
    {
        string left;
        using (OperationTrial trial = new(Load("map.sync")))
        {
            left = trial.Root;
            Assert.True(System.IO.Directory.Exists(left));
        }

        Assert.False(System.IO.Directory.Exists(left));
    }

    private static IReadOnlyList<CircuitVector> Load(string operation, string vectors)
    {
        CircuitReadResult read = CircuitReader.Load(FileOf(operation), EsfSchemaSet.BuiltIn);
        return CircuitVectors.Read(Encoding.UTF8.GetBytes(vectors), "v.json", read.Circuit!, read.Schemas);
    }

    private sealed class IdleTarget : IExecutionTarget
    {
        public string Name => "idle";

        public bool CanRun(OperationKind kind) => true;

        public IExecutableOperation Open(CircuitOperation operation, OperationResources places) => new IdleOperation();
    }

    private sealed class IdleOperation : IExecutableOperation
    {
        public void Run(MessageBatch requests, MessageBatch results)
        {
        }

        public void Dispose()
        {
        }
    }
}
