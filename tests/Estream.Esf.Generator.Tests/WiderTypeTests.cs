using System.Text;
using Microsoft.CodeAnalysis;
using Test.Wider;

namespace Estream.Esf.Generator.Tests;

/// <summary>Types compiled from schemas that extend another schema: the writer of the additional fields, and the relation that the compiler
/// checks.</summary>
public sealed class WiderTypeTests
{
    private const string ReadingJson = """{"device":"pump-7","value":0.5,"additions":3,"spot":{"x":-4}}""";

    private const string Schemas = """
        version: "1.0"
        namespace: acme
        schemas:
          A: { fields: { a: { type: u8 } } }
          B: { extends: A, fields: { b: { type: string(9) } } }
          C: { extends: B, fields: { c: { type: u8 } } }
        """;

    [Fact]
    public void Additions_are_written_after_the_base_fields()
    {
        byte[] reading = Encode(Reading.Schema, ReadingJson);
        byte[] message = new byte[200];
        PlacedReading.Additions additions =
            Begin<PlacedReading.View, Reading.View, PlacedReading.Additions>(PlacedReading.Extending, reading, message);
        additions.Floor = 2;
        additions.Zone = Zone.South;
        additions.Room = "b12"u8;
        additions.ExtendingField = true;
        PlacedReading.HallWriter hall = additions.BeginHall();
        hall.Doors = 4;
        additions.EndHall(hall);
        ReadOnlySpan<byte> placed = message.AsSpan(0, additions.Length);
        Assert.True(PlacedReading.Validate(placed).IsOk, PlacedReading.Validate(placed).ToString());
        Assert.Equal(
            """{"device":"pump-7","value":0.5,"additions":3,"spot":{"x":-4},"floor":2,"zone":"South","room":"b12","extending":true,"hall":{"doors":4}}""",
            PlacedReading.View.Of(placed).ToString());

        byte[] further = new byte[300];
        RatedReading.Additions rated =
            Begin<RatedReading.View, PlacedReading.View, RatedReading.Additions>(RatedReading.Extending, placed, further);
        rated.Stars = 5;
        rated.Secret = new byte[32];
        RatedReading.View view = RatedReading.View.Of(further.AsSpan(0, rated.Length));
        Assert.True(RatedReading.Validate(view.Bytes).IsOk);
        Assert.Equal<(string, double?, short, short, Zone?, byte)>(("pump-7", 0.5, -4, 2, Zone.South, 5),
            (Encoding.UTF8.GetString(view.Device), view.Value, view.Spot.X, view.Floor, view.Zone, view.Stars));
        Assert.True(view.Secret.TryGet(out ReadOnlySpan<byte> secret) && secret.Length == 32);
    }

    [Fact]
    public void The_Additions_type_has_only_the_added_fields()
    {
        IEnumerable<string> members = typeof(PlacedReading.Additions).GetMembers().Select(member => member.Name);
        Assert.DoesNotContain(nameof(PlacedReading.View.Device), members);
        Assert.Contains(nameof(PlacedReading.View.Floor), members);
    }

    [Fact]
    public void Pipeline_with_matching_stages_compiles() => Assert.Empty(Compile("""
        .Widen(B.Extending, 100, (scoped in A.View a, ref B.Additions b) => b.B = "x"u8)
        .Where((scoped in B.View b) => b.A > 0)
        .Widen(C.Extending, 100, (scoped in B.View b, ref C.Additions c) => c.C = (byte)(b.A + b.B.Length))
        """));

    [Theory]
    [InlineData("a stage is left out", """.Widen(C.Extending, 100, (scoped in B.View b, ref C.Additions c) => c.C = 1)""", "CS0411")]
    [InlineData("two stages are in the wrong order",
        """.Widen(C.Extending, 100, (scoped in B.View b, ref C.Additions c) => c.C = 1).Widen(B.Extending, 100, (scoped in A.View a, ref B.Additions b) => b.B = default)""", "CS0411")]
    [InlineData("a stage comes twice",
        """.Widen(B.Extending, 100, (scoped in A.View a, ref B.Additions b) => b.B = default).Widen(B.Extending, 100, (scoped in A.View a, ref B.Additions b) => b.B = default)""", "CS0411")]
    [InlineData("a stage sets a field of the base", """.Widen(B.Extending, 100, (scoped in A.View a, ref B.Additions b) => b.A = 1)""",
        "CS1061")]
    [InlineData("a stage reads a field that is not there yet",
        """.Widen(B.Extending, 100, (scoped in A.View a, ref B.Additions b) => b.B = a.B)""", "CS1061")]
    public void Pipeline_with_mismatched_stages_does_not_compile(string why, string stages, string error)
    {
        IReadOnlyList<Diagnostic> found = Compile(stages);
        Assert.True(found.Count > 0, why);
        Assert.Equal(error, found[0].Id);
    }

    [Fact]
    public void Compiler_error_names_the_mismatched_view()
    {
        // With explicit type arguments, the compiler error names the expected view and the actual view.
        Diagnostic error =
            Compile(""".Widen<A.View, C.View, C.Additions>(C.Extending, 100, (scoped in B.View b, ref C.Additions c) => c.C = 1)""")[0];
        Assert.Equal("CS0315", error.Id);
        Assert.Contains("'Acme.C.View' cannot be used as type parameter 'TWider'", error.GetMessage(), StringComparison.Ordinal);
        Assert.Contains("IEsfExtends<Acme.A.View>", error.GetMessage(), StringComparison.Ordinal);
    }

    [Fact]
    public void Schema_extends_a_pack_schema_with_the_types_of_the_pack()
    {
        Harness harness = new(
            null,
            (Harness.ImportFolder + "esf-doors/estream-component.toml",
                "[component]\nname = \"esf-doors\"\nversion = \"1.0.0\"\n[component.schemas]\nprovides = [\"Door\"]\n"),
            (Harness.ImportFolder + "esf-doors/doors.esf.yaml",
                "version: \"1.0\"\nnamespace: test.doors\nschemas: { Door: { fields: { id: { type: u8 } } } }\n"),
            ("mine.esf.yaml",
                "version: \"1.0\"\nnamespace: acme\nimports: [{ pack: esf-doors, version: \"^1\" }]\nschemas: { Placed: { extends: "
                + "esf-doors.Door, fields: { floor: { type: i16 } } } }\n"));
        string generated = Assert.Single(harness.Run().GeneratedSources).SourceText.ToString();
        Assert.Contains("IEsfExtends<global::Test.Doors.Door.View>", generated, StringComparison.Ordinal);

        // The types of the pack belong to another project's assembly; this compilation stands in for it.
        Harness pack = new(null,
            ("doors.esf.yaml", "version: \"1.0\"\nnamespace: test.doors\nschemas: { Door: { fields: { id: { type: u8 } } } }\n"));
        Assert.Empty(harness.CompileWith(Assert.Single(pack.Run().GeneratedSources).SourceText.ToString()));
        Assert.Contains(harness.CompileWith(), error => error.Id is "CS0234" or "CS0400" or "CS0246");
    }

    private static TAdditions Begin<TWider, TBase, TAdditions>(EsfExtension<TBase, TWider, TAdditions> extension,
        ReadOnlySpan<byte> message, Span<byte> destination)
        where TBase : struct, IEsfView<TBase>, allows ref struct
        where TWider : struct, IEsfView<TWider>, IEsfExtends<TBase>, allows ref struct
        where TAdditions : struct, IEsfAdditions<TAdditions>, allows ref struct
    {
        _ = extension;
        return TAdditions.Begin(destination, TWider.FromBase.Begin(message, destination));
    }

    private static byte[] Encode(EsfSchema schema, string json)
    {
        byte[] message = new byte[500];
        Assert.True(EsfJson.TryEncode(schema, Encoding.UTF8.GetBytes(json), message, out int length).IsOk);
        return message[..length];
    }

    private static IReadOnlyList<Diagnostic> Compile(string stages) => new Harness(null, ("acme.esf.yaml", Schemas)).CompileWith($$"""
        using Acme;
        using Estream.Queue;
        using Estream.Streams;
        static class Use
        {
            static EsfPipeline Of(EstreamQueue queue, EstreamQueue output) => EsfStream.From<A.View>(queue)
                {{stages}}
                .AppendTo("grown", output, 100);
        }
        """);
}
