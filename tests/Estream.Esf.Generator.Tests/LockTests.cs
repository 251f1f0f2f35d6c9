using Estream.Esf.Schema;
using Microsoft.CodeAnalysis;

namespace Estream.Esf.Generator.Tests;

/// <summary>Locks next to schema files: an incompatible change is a compilation error at its position, and locks cause no extra
/// recompilation.</summary>
public sealed class LockTests
{
    private const string Doors = """
        version: "1.0"
        namespace: acme.doors
        schemas:
          DoorOpened:
            fields:
              door_id: { type: string(64) }
              place:
                type: object
                optional: true
                fields:
                  floor: { type: i16 }
        """;

    private const string Gates = """
        version: "1.0"
        namespace: acme.gates
        schemas:
          GateOpened: { fields: { gate_id: { type: u32 } } }
        """;

    private static readonly string s_published = PublishedText(Doors);

    [Fact]
    public void Incompatible_change_is_an_error_at_its_line_with_field_and_rule()
    {
        string broken = Doors.Replace("string(64)", "string(128)", StringComparison.Ordinal) + "\n          wing: { type: u8 }";
        GeneratorRunResult result = new Harness(null, ("/src/doors.esf.yaml", broken), ("/src/doors.esf.lock", s_published)).Run();
        Assert.Equal(
            [
                "/src/doors.esf.yaml(6,7): error ESF023: Field 'DoorOpened.door_id' was published as string(64) and is now string(128). A "
                + "published field keeps its type: write 'string(64)' again and append an optional field of the new type, or give the "
                + "changed schema a new name.",
                "/src/doors.esf.yaml(12,11): error ESF026: Field 'DoorOpened.place.wing' is new and required, but messages of the "
                + "published version do not have it. Write 'optional: true', or give the changed schema a new name.",
            ],
            result.Diagnostics.Select(error => error.ToString()));
    }

    [Fact]
    public void Incompatible_schema_still_generates_its_types()
    {
        Harness harness = new(null, ("/doors.esf.yaml", Doors.Replace("string(64)", "string(128)", StringComparison.Ordinal)),
            ("/doors.esf.lock", s_published));
        Assert.Empty(harness.CompileWith("class C { Acme.Doors.DoorOpened.Writer Begin(byte[] b) => Acme.Doors.DoorOpened.Write(b); }"));
    }

    [Fact]
    public void Removed_schema_is_an_error_in_its_file()
    {
        string other = Doors.Replace("DoorOpened", "DoorMoved", StringComparison.Ordinal);
        Diagnostic error = Assert.Single(new Harness(null, ("/doors.esf.yaml", other), ("/doors.esf.lock", s_published)).Run().Diagnostics);
        Assert.StartsWith("/doors.esf.yaml(1,1): error ESF028: Schema 'acme.doors.DoorOpened' was published", error.ToString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Invalid_lock_is_an_error_at_its_line()
    {
        string edited = s_published.Replace("string(64)", "string(65)", StringComparison.Ordinal);
        Diagnostic error = Assert.Single(new Harness(null, ("/doors.esf.yaml", Doors), ("/doors.esf.lock", edited)).Run().Diagnostics);
        Assert.StartsWith("/doors.esf.lock(2,1): error ESF030: The id of this line is", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_lock_without_its_schema_file_is_an_error()
    {
        Diagnostic error = Assert.Single(new Harness(null, ("/gates.esf.yaml", Gates), ("/doors.esf.lock", s_published)).Run().Diagnostics);
        Assert.StartsWith("/doors.esf.lock(1,1): error ESF104: This lock has no schema file next to it", error.ToString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Compatible_change_compiles_before_and_after_publishing()
    {
        string grown = Doors + "\n          wing: { type: u8, optional: true }\n      at: { type: timestamp, optional: true }";
        foreach (string published in new[] { s_published, PublishedText(Doors, grown) })
        {
            Harness harness = new(null, ("/doors.esf.yaml", grown), ("/doors.esf.lock", published));
            Assert.Empty(harness.Run().Diagnostics);
            Assert.Empty(harness.CompileWith());
        }
    }

    [Fact]
    public void Lock_edit_recompiles_only_its_schema_file()
    {
        Harness harness = new(null, ("/doors.esf.yaml", Doors), ("/doors.esf.lock", s_published), ("/gates.esf.yaml", Gates),
            ("/gates.esf.lock", PublishedText(Gates)));
        harness.Run();
        harness.EditCode("class C { }");
        Assert.All(Steps(harness.Run()), reason => Assert.Equal(IncrementalStepRunReason.Cached, reason));

        string grown = Gates.Replace("u32 }", "u32 }, at: { type: timestamp, optional: true }", StringComparison.Ordinal);
        harness.EditSchema("/gates.esf.lock", PublishedText(Gates, grown));
        GeneratorRunResult edited = harness.Run();
        Assert.Equal([IncrementalStepRunReason.Modified, IncrementalStepRunReason.Cached], Steps(edited).Order());
        Assert.StartsWith("/gates.esf.yaml(4,3): error ESF021", Assert.Single(edited.Diagnostics).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Lock_of_an_unchanged_schema_does_not_change_the_code()
    {
        string[] without =
            [.. new Harness(null, ("/doors.esf.yaml", Doors)).Run().GeneratedSources.Select(source => source.SourceText.ToString())];
        string[] with = [.. new Harness(null, ("/doors.esf.yaml", Doors),
            ("/doors.esf.lock", s_published)).Run().GeneratedSources.Select(source => source.SourceText.ToString())];
        Assert.Equal(without, with);
        Assert.DoesNotContain("_fixedLength", string.Concat(with), StringComparison.Ordinal);
    }

    private static string PublishedText(params string[] versions) =>
        versions.Aggregate(SchemaLock.Empty, (published, yaml) => published.Publish(SchemaReader.Read(yaml, "x").Document!)).ToString();

    private static IEnumerable<IncrementalStepRunReason> Steps(GeneratorRunResult result) =>
        result.TrackedSteps[EsfGenerator.CompiledStep].SelectMany(step => step.Outputs).Select(output => output.Reason);
}
