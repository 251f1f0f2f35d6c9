using System.Text;
using Estream.Esf.Schema;
using Estream.Esf.Tests.Generation;
using Estream.Testing;

namespace Estream.Esf.Tests;

/// <summary>Packs that depend on each other, and files that import from them.</summary>
public sealed class SchemaComposerTests
{
    private const string Pack = """
        --- lib/esf-iot/estream-component.toml
        # The manifest of a pack
        [component]
        name = "esf-iot"          # its name
        version = '1.2.0'
        keywords = [
          "iot",   # one
          "edge",
        ]
        [component.schemas]
        provides = ["Alert"]
        requires = ["base ^2"]
        --- lib/esf-iot/schemas/alert.esf.yaml
        version: "1.0"
        namespace: estream.iot
        imports: [{ pack: base, version: "^2.1" }]
        schemas:
          Alert: { fields: { at: { type: Position }, point: { type: base.Point } } }
        objects:
          Position: { fields: { point: { type: base.Point }, severity: { type: Severity, optional: true } } }
        enums:
          Severity: { values: [Info, Warning] }
        --- lib/base/estream-component.toml
        [component]
        name = "base"
        version = "2.1.3"
        [component.schemas]
        provides = ["Origin"]
        --- lib/base/base.esf.yaml
        version: "1.0"
        namespace: estream.base
        schemas:
          Origin: { fields: { at: { type: Point } } }
        objects:
          Point: { fields: { x: { type: f64 }, y: { type: f64 }, system: { type: System } } }
        enums:
          System: { values: [Wgs84, Local] }

        """;

    private const string User = """
        --- app/doors.esf.yaml
        version: "1.0"
        namespace: acme.doors
        imports:
          - { pack: esf-iot, version: "~1.2" }
        schemas:
          Opened:
            fields:
              where: { type: esf-iot.Position }
              severities: { type: "map(esf-iot.Severity, array(esf-iot.Position))", optional: true, privacy: encrypted }

        """;

    [Fact]
    public void Imported_definitions_count_as_part_of_the_file()
    {
        SchemaDocument document = Read(User + Pack);
        const string Position = "object{point:object{x:f64,y:f64,system:enum System{Wgs84,Local}},severity?:enum Severity{Info,Warning}}";
        Assert.Equal(
            "esf1 acme.doors.Opened{where:" + Position + ",severities?:map(enum Severity{Info,Warning},array(" + Position + "))@encrypted}",
            document.Schemas[0].CanonicalText);
        Assert.Empty(document.Enums);
        Assert.Equal(["Severity", "System"], document.ImportedEnums.Select(definition => definition.Name).Order());
        Assert.Equal("esf-iot ~1.2", Assert.Single(document.Imports) is { } import ? $"{import.Pack} {import.Range}" : "");
    }

    [Fact]
    public void Read_does_not_depend_on_the_order_of_the_files()
    {
        SchemaSource[] sources = PackErrorTests.Sources((User + Pack).ReplaceLineEndings("\n"));
        string expected = Read(User + Pack).Schemas[0].CanonicalText;
        for (int first = 0; first < sources.Length; first++)
        {
            SchemaSource[] rotated = [.. sources[first..], .. sources[..first]];
            SchemaComposition composition = SchemaComposer.Read(rotated);
            Assert.Empty(composition.ManifestDiagnostics);
            Assert.Equal(expected, composition.Files[sources[0]].Document!.Schemas[0].CanonicalText);
        }
    }

    [Fact]
    public void EsfSchemaSet_Parse_composes_packs()
    {
        EsfSchemaFile[] files = [.. PackErrorTests.Sources((User + Pack).ReplaceLineEndings("\n"))
            .Select(source => new EsfSchemaFile(source.Path, source.Text))];
        EsfSchemaSet set = EsfSchemaSet.Parse(files);
        Assert.Equal(["acme.doors.Opened", "estream.base.Origin", "estream.iot.Alert"],
            set.Schemas.Select(schema => schema.QualifiedName).Order());
        EsfSchemaException alone = Assert.Throws<EsfSchemaException>(() => EsfSchemaSet.Parse(files[0]));
        Assert.Equal(DiagnosticCodes.UnknownPack, Assert.Single(alone.Diagnostics).Code);
    }

    [Fact]
    public void Packs_of_the_repository_are_compatible()
    {
        string folder = RepositoryRoot.Combine("schemas");
        SchemaSource[] sources = [.. Directory.GetDirectories(folder)
            .SelectMany(pack => Directory.GetFiles(Path.Combine(pack, "schemas"), "*.esf.yaml")
                .Append(Path.Combine(pack, PackManifest.FileName)))
            .Select(path => new SchemaSource(path, File.ReadAllText(path)))];
        SchemaComposition composition = SchemaComposer.Read(sources);
        Assert.Empty(composition.ManifestDiagnostics.Concat(composition.Files.Values.SelectMany(file => file.Diagnostics)));
        Assert.Equal(
            ["esf-carbon", "esf-health", "esf-industrial", "esf-iot", "esf-payments", "esf-trading"],
            composition.Packs.Select(pack => pack.Name).Order());
    }

    [Fact]
    public void Read_walks_a_long_chain_of_packs_and_ignores_packs_beyond_the_limit()
    {
        SchemaSource[] chain = [.. Enumerable.Range(0, EsfLimits.MaxPacks + 1).Select(i => new SchemaSource(
            $"p{i}/{PackManifest.FileName}",
            $"[component]\nname = \"p{i}\"\nversion = \"1.0.0\"\n[component.schemas]\nrequires = [\"p{i + 1} ^1\"]\n"))];
        SchemaComposition composition = SchemaComposer.Read(chain);
        Assert.Equal(EsfLimits.MaxPacks, composition.Packs.Count);
        Assert.Equal([DiagnosticCodes.Limit, DiagnosticCodes.UnknownPack], composition.ManifestDiagnostics.Select(d => d.Code).Order());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Damaged_manifests_and_files_yield_diagnostics_and_no_exception(int seed)
    {
        Random random = new(seed);
        SchemaSource[] sources = PackErrorTests.Sources((User + Pack).ReplaceLineEndings("\n"));
        int refused = 0;
        int runs = LongRun.Count(1000, 50_000);
        for (int i = 0; i < runs; i++)
        {
            SchemaSource[] damaged = [.. sources];
            int at = random.Next(damaged.Length);
            byte[] bytes = Damage.Of(random, Encoding.UTF8.GetBytes(damaged[at].Text), 0);
            damaged[at] = new SchemaSource(damaged[at].Path, Encoding.Latin1.GetString(bytes));
            SchemaComposition composition = SchemaComposer.Read(damaged);
            refused += composition.ManifestDiagnostics.Count > 0 || composition.Files.Values.Any(file => file.Diagnostics.Count > 0)
                ? 1
                : 0;
        }

        Assert.InRange(refused, runs / 4, runs);
    }

    private static SchemaDocument Read(string input)
    {
        SchemaSource[] sources = PackErrorTests.Sources(input.ReplaceLineEndings("\n"));
        SchemaComposition composition = SchemaComposer.Read(sources);
        Assert.Empty(composition.ManifestDiagnostics.Concat(composition.Files.Values.SelectMany(file => file.Diagnostics)));
        return composition.Files[sources[0]].Document!;
    }
}
