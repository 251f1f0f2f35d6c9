using Estream.Circuits.Operations;
using Estream.Circuits.Testing;
using Estream.Esf;
using Estream.Testing;

namespace Estream.Circuits.Tests.Operations;

/// <summary>The components of operations, in circuits/: each is complete and passes its golden vectors.</summary>
public sealed class ComponentTests
{
    private static readonly string s_root = RepositoryRoot.Combine("circuits");

    public static TheoryData<string> Components => [.. Names];

    private static string[] Names =>
        [.. Directory.GetDirectories(s_root).Where(folder => Directory.EnumerateFiles(folder).Any())
            .Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal)];

    [Fact]
    public void Each_operation_has_a_component() =>
        Assert.Empty(OperationContract.Names.Select(name => $"{name}.v1").Except(Names));

    [Theory]
    [MemberData(nameof(Components))]
    public void An_operation_component_has_all_its_files(string component)
    {
        Circuit circuit = Circuit.Load(FileOf(component, "circuit.yaml"));
        Assert.Equal(component, circuit.Name);
        string manifest = File.ReadAllText(Path.Combine(s_root, component, "estream-component.toml"));
        Assert.Contains($"version = \"{circuit.Version}\"", manifest, StringComparison.Ordinal);
        Assert.Contains($"description = \"{circuit.Description}\"", manifest, StringComparison.Ordinal);
        string readme = File.ReadAllText(Path.Combine(s_root, component, "README.md"));
        Assert.StartsWith($"# {component}\n", readme, StringComparison.Ordinal);
        Assert.Contains($"estream circuit run circuits/{component}/{component}.circuit.yaml", readme, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Components))]
    public void The_golden_vectors_of_an_operation_component_pass(string component)
    {
        CircuitReadResult read = CircuitReader.Load(FileOf(component, "circuit.yaml"), EsfSchemaSet.BuiltIn);
        Assert.True(read.Circuit is not null, string.Join('\n', read.Diagnostics));
        IReadOnlyList<CircuitVector> vectors = CircuitVectors.Load(FileOf(component, "vectors.json"), read.Circuit, read.Schemas);
        Assert.NotEmpty(vectors);
        Assert.All(vectors, vector => Assert.Equal([], vector.Run()));
    }

    [Theory]
    [MemberData(nameof(Components))]
    public void The_example_in_an_operation_readme_gives_the_printed_results(string component)
    {
        // A README has a ```sh block with one request per line after 'echo', then a ```json block with the results.
        string readme = File.ReadAllText(Path.Combine(s_root, component, "README.md"));
        string[] requests = [.. readme.Split("```sh\n")[1].Split("```")[0].Split('\n')
            .Where(line => line.Contains("echo '", StringComparison.Ordinal)).Select(line => line.Split('\'')[1])];
        string[] results = [.. readme.Split("```json\n")[1].Split("```")[0].Split('\n', StringSplitOptions.RemoveEmptyEntries)];
        Assert.NotEmpty(requests);
        Circuit circuit = Circuit.Load(FileOf(component, "circuit.yaml"));
        using OperationTrial trial = new(circuit);
        CircuitOperation operation = circuit.Operation!;
        Assert.Equal(results,
            requests.Select(request =>
                $$"""{"output":"results","message":{{EsfJson.ToText(operation.Result, trial.Run(Encode(operation.Request, request)))}}}"""));
    }

    private static byte[] Encode(EsfSchema schema, string json)
    {
        byte[] buffer = new byte[10_000];
        EsfStatus status = EsfJson.TryEncode(schema, System.Text.Encoding.UTF8.GetBytes(json), buffer, out int length);
        Assert.True(status.IsOk, status.ToString());
        return buffer[..length];
    }

    private static string FileOf(string component, string ending) => Path.Combine(s_root, component, $"{component}.{ending}");
}
