using System.Reflection;
using Estream.Esf;
using Estream.Esf.Schema;
using Estream.Esf.Tests.Golden;
using Estream.Streams.Pipelines;
using Estream.Testing;

namespace Estream.Streams.Tests.Declared;

/// <summary>The errors of pipeline files with their messages, as recorded in the golden file.</summary>
public sealed class PipelineErrorTests : DeclaredCase
{
    private static readonly string s_path = RepositoryRoot.Combine("tests", "Estream.Streams.Tests", "Golden", "pipeline-errors.txt");

    [Fact]
    public void Every_pipeline_error_has_its_message() => GoldenCases.AssertSame(s_path, ErrorsOf);

    [Fact]
    public void Every_diagnostic_code_has_a_golden_case()
    {
        // PipelineCodes.Place is excluded: a missing queue or map of the host cannot be an error of a file alone.
        IEnumerable<string> codes = typeof(PipelineCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => (string)field.GetRawConstantValue()!).Where(code => code != PipelineCodes.Place);
        Assert.Empty(codes.Except(GoldenCases.Read(s_path).SelectMany(c => ErrorsOf(c.Name, c.Input)).Select(mistake => mistake.Code)));
    }

    [Fact]
    public void Conflicts_between_pipelines_of_several_files_are_reported()
    {
        const string File =
            "version: \"1.0\"\npipelines:\n  NAME: { from: { queue: readings, schema: Reading }, to: { map: MAP, key: device } }\n";
        PipelineReadResult Read(string name, string map) =>
            PipelineReader.Read(File.Replace("NAME", name, StringComparison.Ordinal).Replace("MAP", map, StringComparison.Ordinal), name,
                Known, _ => EsfSchemaSet.Empty);
        Assert.Empty(PipelineConflicts.Check([("1", Read("a", "x").Pipelines), ("2", Read("b", "y").Pipelines)]));
        SchemaDiagnostic map = Assert.Single(PipelineConflicts.Check([("1", Read("a", "x").Pipelines), ("2", Read("b", "x").Pipelines)]));
        Assert.Equal(
            "2(3,3): error EPL021: the map 'x' is also written by the pipeline 'a', but one of the two keeps state or a map and "
            + "needs exclusive access: use another one", map.ToString());
        SchemaDiagnostic name = Assert.Single(PipelineConflicts.Check([("1", Read("a", "x").Pipelines), ("2", Read("a", "y").Pipelines)]));
        Assert.Contains("is already declared at 1(3,3)", name.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(PipelineLimits.MaxPipelines + 1, 0)]
    [InlineData(1, PipelineLimits.MaxStages + 1)]
    public void More_pipelines_or_stages_than_the_limit_are_an_error(int pipelines, int stages)
    {
        string list = string.Join(", ", Enumerable.Repeat("{ filter: value > 1 }", stages));
        string text = "version: \"1.0\"\npipelines:\n"
            + string.Concat(Enumerable.Range(0, pipelines)
                .Select(i => $"  p{i}: {{ from: {{ queue: readings, schema: Reading }}, stages: [{list}], to: {{ queue: out }} }}\n"));
        Assert.Equal(PipelineCodes.Limit, Assert.Single(PipelineReader.Read(text, "x", Known, _ => EsfSchemaSet.Empty).Diagnostics).Code);
    }

    [Fact]
    public void Missing_file_is_an_error_and_schema_files_are_in_its_folder()
    {
        using TempDirectory directory = new();
        Assert.Equal(PipelineCodes.Syntax,
            Assert.Single(PipelineReader.Load(directory.Combine("none.pipeline.yaml"), Known).Diagnostics).Code);
        File.WriteAllText(directory.Combine("rooms.esf.yaml"),
            "version: \"1.0\"\nnamespace: acme.rooms\nschemas: { Room: { fields: { name: { type: string(8) } } } }\n");
        string path = directory.Combine("rooms.pipeline.yaml");
        File.WriteAllText(path,
            "version: \"1.0\"\nschemas: [rooms.esf.yaml]\npipelines:\n  rooms: { from: { queue: a, schema: Room }, to: { queue: b } }\n");
        PipelineReadResult result = PipelineReader.Load(path, Known);
        Assert.Empty(result.Diagnostics);
        Assert.Equal("acme.rooms.Room", Assert.Single(result.Pipelines).ResultSchema.QualifiedName);
        Assert.True(result.Schemas.TryGet("acme.rooms.Room", out _) && result.Schemas.TryGet("acme.Reading", out _));
        File.WriteAllText(path,
            "version: \"1.0\"\nschemas: [none.esf.yaml]\npipelines:\n  rooms: { from: { queue: a, schema: Reading }, to: { queue: b } }\n");
        Assert.Equal(PipelineCodes.Schema, Assert.Single(PipelineReader.Load(path, Known).Diagnostics).Code);
    }

    private IReadOnlyList<SchemaDiagnostic> ErrorsOf(string name, string input)
    {
        PipelineReadResult result =
            PipelineReader.Read(input, name, Known, names => EsfSchemaSet.Load(names.Select(each => "/nowhere/" + each)));
        Assert.Empty(result.Pipelines);
        return result.Diagnostics;
    }
}
