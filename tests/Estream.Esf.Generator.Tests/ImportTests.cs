using Microsoft.CodeAnalysis;

namespace Estream.Esf.Generator.Tests;

/// <summary>Schema files that import from packs among the additional files.</summary>
public sealed class ImportTests
{
    private const string ManifestPath = Harness.ImportFolder + "esf-iot/estream-component.toml";
    private const string PackPath = Harness.ImportFolder + "esf-iot/schemas/iot.esf.yaml";
    private const string UserPath = "doors.esf.yaml";

    private const string Manifest = "[component]\nname = \"esf-iot\"\nversion = \"1.2.0\"\n[component.schemas]\nprovides = [\"Alert\"]\n";

    private const string Pack = """
        version: "1.0"
        namespace: estream.iot
        schemas:
          Alert: { fields: { at: { type: Position } } }
        objects:
          Position: { fields: { floor: { type: i16 }, severity: { type: Severity } } }
        enums:
          Severity: { values: [Info, Warning] }
        """;

    private const string User = """
        version: "1.0"
        namespace: acme.doors
        imports: [{ pack: esf-iot, version: "^1.2" }]
        schemas:
          Opened:
            fields:
              at: { type: esf-iot.Position }
              seen: { type: array(esf-iot.Severity), optional: true }
        """;

    [Fact]
    public void An_import_without_its_pack_is_an_error_at_its_line()
    {
        Diagnostic error = Assert.Single(new Harness(null, (UserPath, User)).Run().Diagnostics);
        Assert.Equal("ESF041", error.Id);
        Assert.Equal((UserPath, 2), (error.Location.GetLineSpan().Path, error.Location.GetLineSpan().StartLinePosition.Line));
    }

    [Fact]
    public void Error_in_a_pack_manifest_is_reported_in_the_manifest()
    {
        Harness harness =
            new(null, (ManifestPath, Manifest.Replace("\"1.2.0\"", "1", StringComparison.Ordinal)), (PackPath, Pack), (UserPath, User));
        Assert.Contains(harness.Run().Diagnostics, error => error.Id == "ESF047" && error.Location.GetLineSpan().Path == ManifestPath);
    }

    [Fact]
    public void Imported_definitions_become_types_of_the_importing_file_only()
    {
        Harness harness = new(null, (ManifestPath, Manifest), (PackPath, Pack), (UserPath, User));
        Assert.Empty(harness.CompileWith("""
            using Acme.Doors;
            static class Use
            {
                static Severity Of(Opened.View opened) => opened.At.Severity;
                static void Set(ref Opened.Writer writer)
                {
                    Opened.PositionWriter at = writer.BeginAt();
                    at.Severity = Severity.Warning;
                    writer.EndAt(at);
                }
            }
            """));
        Assert.Equal(["Acme.Doors.Opened.g.cs", "Acme.Doors.Severity.g.cs"],
            harness.Run().GeneratedSources.Select(source => source.HintName).Order());
    }

    [Fact]
    public void Pack_change_recompiles_only_files_that_import_from_it()
    {
        const string Other = "version: \"1.0\"\nnamespace: acme.other\nschemas:\n  S: { fields: { a: { type: u8 } } }\n";
        Harness harness = new(null, (ManifestPath, Manifest), (PackPath, Pack), (UserPath, User), ("other.esf.yaml", Other));
        harness.Run();
        harness.EditSchema(PackPath, Pack.Replace("floor: { type: i16 }", "floor: { type: i32 }", StringComparison.Ordinal));
        GeneratorRunResult after = harness.Run();
        Assert.Equal(
            [IncrementalStepRunReason.Modified, IncrementalStepRunReason.Cached],
            after.TrackedSteps[EsfGenerator.CompiledStep].Select(step => step.Outputs.Single().Reason)
                .OrderBy(reason => reason == IncrementalStepRunReason.Modified ? 0 : 1)
                .Select(reason => reason == IncrementalStepRunReason.Unchanged ? IncrementalStepRunReason.Cached : reason));
        Assert.Contains("Value<int>",
            after.GeneratedSources.Single(source => source.HintName == "Acme.Doors.Opened.g.cs").SourceText.ToString(),
            StringComparison.Ordinal);
    }
}
