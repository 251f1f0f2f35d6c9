using Estream.Esf.Schema;
using Estream.Esf.Tests.Generation;
using Estream.Testing;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.CodeAnalysis;

namespace Estream.Esf.Generator.Tests;

/// <summary>The generator in the compiler's driver: errors at their line, types that compile, no repeated work.</summary>
public sealed class GeneratorTests
{
    private const string Doors = """
        version: "1.0"
        namespace: acme.doors
        schemas:
          DoorOpened:
            fields:
              door_id: { type: string(64) }
              state: { type: DoorState }
        enums:
          DoorState: { values: [Open, Closed] }
        """;

    private static readonly string s_gates = Doors.Replace("acme.doors", "acme.gates", StringComparison.Ordinal);

    [Fact]
    public void Schema_error_is_reported_at_its_line_of_the_schema_file()
    {
        Harness harness = new(null, ("/src/doors.esf.yaml", Doors.Replace("string(64)", "strng(64)", StringComparison.Ordinal)));
        GeneratorRunResult result = harness.Run();
        Diagnostic error = Assert.Single(result.Diagnostics);
        FileLinePositionSpan place = error.Location.GetLineSpan();
        Assert.Equal(("ESF009", DiagnosticSeverity.Error, "/src/doors.esf.yaml", 6),
            (error.Id, error.Severity, place.Path, place.StartLinePosition.Line + 1));
        Assert.StartsWith("/src/doors.esf.yaml(6,24): error ESF009: The type 'strng' does not exist. Did you mean 'string'?",
            error.ToString(),
            StringComparison.Ordinal);
        Assert.Empty(result.GeneratedSources);
    }

    [Fact]
    public void Error_in_one_file_does_not_affect_other_files()
    {
        Harness harness = new(null, ("/a.esf.yaml", Doors), ("/b.esf.yaml", "version: 3"));
        GeneratorRunResult result = harness.Run();
        Assert.All(result.Diagnostics, error => Assert.Equal("/b.esf.yaml", error.Location.GetLineSpan().Path));
        Assert.Equal(["Acme.Doors.DoorOpened.g.cs", "Acme.Doors.DoorState.g.cs"],
            result.GeneratedSources.Select(s => s.HintName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Types_are_internal_unless_the_project_says_public()
    {
        Assert.Contains("internal static class DoorOpened", SourceOf(new Harness(null, ("/a.esf.yaml", Doors)), "DoorOpened"),
            StringComparison.Ordinal);
        Assert.Contains("internal enum DoorState", SourceOf(new Harness("internal", ("/a.esf.yaml", Doors)), "DoorState"),
            StringComparison.Ordinal);
        Assert.Contains("public static class DoorOpened", SourceOf(new Harness("public", ("/a.esf.yaml", Doors)), "DoorOpened"),
            StringComparison.Ordinal);
        Diagnostic error = Assert.Single(new Harness("private", ("/a.esf.yaml", Doors)).Run().Diagnostics);
        Assert.Equal("ESF103", error.Id);
    }

    [Fact]
    public void Only_different_definitions_of_one_name_are_an_error()
    {
        string other = Doors.Replace("door_id", "gate_id", StringComparison.Ordinal);
        Harness harness = new(null, ("/a.esf.yaml", Doors), ("/b.esf.yaml", other));
        GeneratorRunResult result = harness.Run();
        Diagnostic error = Assert.Single(result.Diagnostics);
        Assert.StartsWith("/b.esf.yaml(4,3): error ESF101: 'Acme.Doors.DoorOpened' is defined differently in /a.esf.yaml", error.ToString(),
            StringComparison.Ordinal);
        Assert.Equal(2, result.GeneratedSources.Length);
    }

    [Fact]
    public void Names_that_differ_only_in_case_are_an_error_at_the_second_name()
    {
        string other = Doors.Replace("DoorState", "DOOROPENED", StringComparison.Ordinal);
        GeneratorRunResult result = new Harness(null, ("/a.esf.yaml", other)).Run();
        Assert.Null(result.Exception);
        Diagnostic error = Assert.Single(result.Diagnostics);
        Assert.Equal("ESF101", error.Id);
        Assert.Contains("differs only in case from", error.ToString(), StringComparison.Ordinal);
        Assert.Single(result.GeneratedSources);
    }

    [Theory]
    [InlineData("TextItem")]
    [InlineData("UInt8Item")]
    public void Type_with_the_name_of_an_item_type_is_an_error(string name)
    {
        Harness harness = new(null, ("/a.esf.yaml", Doors.Replace("DoorState", name, StringComparison.Ordinal)));
        Assert.Equal("ESF102", Assert.Single(harness.Run().Diagnostics).Id);
    }

    [Fact]
    public void A_name_that_generated_code_uses_is_an_error()
    {
        Harness harness = new(null, ("/a.esf.yaml", Doors.Replace("DoorOpened", "View", StringComparison.Ordinal)));
        Assert.StartsWith("/a.esf.yaml(4,3): error ESF102", Assert.Single(harness.Run().Diagnostics).ToString(), StringComparison.Ordinal);
    }

    /// <summary>Fields may have the same names as the interface members, and do not hide these members.</summary>
    [Fact]
    public void Generated_types_implement_the_generic_interfaces()
    {
        string doors = Doors.Replace("      door_id:",
            "      written: { type: u8 }\n      begin: { type: u8 }\n      max_length: { type: u8 }\n      schema: { type: u8 }\n      "
            + "door_id:", StringComparison.Ordinal);
        Harness harness = new(null, ("/a.esf.yaml", doors));
        string source = SourceOf(harness, "DoorOpened");
        Assert.Contains("public readonly ref struct View : IEsfView<View>", source, StringComparison.Ordinal);
        Assert.Contains("public ref struct Writer : IEsfWriter<Writer>", source, StringComparison.Ordinal);
        Assert.Matches(@"static int\? IEsfWriter<Writer>\.MaxLength => [0-9]+;", source);
        Assert.Empty(harness.CompileWith());

        string endless = Doors.Replace("string(64)", "string", StringComparison.Ordinal);
        Assert.Contains("static int? IEsfWriter<Writer>.MaxLength => null;",
            SourceOf(new Harness(null, ("/a.esf.yaml", endless)), "DoorOpened"), StringComparison.Ordinal);
    }

    [Fact]
    public void Generated_code_contains_the_traits_of_the_schema()
    {
        string said = Doors.Replace("    fields:",
            "    path: '/a\"b\\c/{door_id}'\n    pattern: event\n    retention: { duration_hours: 36 }\n    fields:",
            StringComparison.Ordinal);
        Harness harness = new(null, ("/a.esf.yaml", said));
        Assert.Contains(
            """SchemaTraits(null, null, "/a\"b\\c/{door_id}", global::System.TimeSpan.FromTicks(1296000000000L), global::Estream.Esf.Schema.StreamPattern.Event)""",
            SourceOf(harness, "DoorOpened"),
            StringComparison.Ordinal);
        Assert.Empty(harness.CompileWith());
        Assert.DoesNotContain("SchemaTraits", SourceOf(new Harness(null, ("/a.esf.yaml", Doors)), "DoorOpened"), StringComparison.Ordinal);
    }

    [Fact]
    public void Edits_of_code_or_other_schemas_do_not_recompile_a_schema()
    {
        Harness harness = new(null, ("/a.esf.yaml", Doors), ("/b.esf.yaml", s_gates));
        harness.Run();
        harness.EditCode("class C { }");
        Assert.All(Steps(harness.Run()), reason => Assert.Equal(IncrementalStepRunReason.Cached, reason));

        harness.EditSchema("/b.esf.yaml", s_gates.Replace("string(64)", "string(65)", StringComparison.Ordinal));
        GeneratorRunResult edited = harness.Run();
        Assert.Equal([IncrementalStepRunReason.Modified, IncrementalStepRunReason.Cached], Steps(edited).Order());
        Assert.Equal(
            [IncrementalStepRunReason.Modified, IncrementalStepRunReason.Cached],
            edited.TrackedOutputSteps.SelectMany(step => step.Value).SelectMany(step => step.Outputs).Select(output => output.Reason)
                .Distinct().Order());
    }

    [Fact]
    public void An_edit_that_does_not_change_the_compiled_schema_generates_no_new_code()
    {
        Harness harness = new(null, ("/a.esf.yaml", Doors));
        harness.Run();
        harness.EditSchema("/a.esf.yaml", Doors.Replace("schemas:", "schemas: # of doors", StringComparison.Ordinal));
        Assert.Equal(IncrementalStepRunReason.Unchanged, Assert.Single(Steps(harness.Run())));
    }

    [Property(10, 400, Arbitrary = [typeof(EightSchemas)])]
    public void Code_for_any_schema_compiles_without_warnings(MessageSchema[] schemas)
    {
        MessageSchema[] renamed = [.. schemas.Select((s, i) => new MessageSchema(s.Namespace, s.Name + i, s.Record))];
        Harness harness = new(null, ("/generated.esf.yaml", YamlText.Of(renamed)));
        IReadOnlyList<Diagnostic> diagnostics = harness.CompileWith();
        Assert.True(diagnostics.Count == 0, string.Join('\n', diagnostics.Take(5)));
    }

    private static IEnumerable<IncrementalStepRunReason> Steps(GeneratorRunResult result) =>
        result.TrackedSteps[EsfGenerator.CompiledStep].SelectMany(step => step.Outputs).Select(output => output.Reason);

    private static string SourceOf(Harness harness, string name) =>
        harness.Run().GeneratedSources.Single(source =>
            source.HintName.EndsWith("." + name + ".g.cs", StringComparison.Ordinal)).SourceText.ToString();

    /// <summary>Eight schemas for one compilation.</summary>
    public static class EightSchemas
    {
        /// <summary>Any schemas.</summary>
        public static Arbitrary<MessageSchema[]> Schemas() => SchemaGen.Schema.ArrayOf(8).ToArbitrary();
    }
}
