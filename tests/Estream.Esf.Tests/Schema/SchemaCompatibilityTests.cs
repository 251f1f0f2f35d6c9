using Estream.Esf.Schema;
using Estream.Esf.Tests.Generation;
using Estream.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace Estream.Esf.Tests;

/// <summary>The evolution rule on random histories. The messages about incompatible changes are in the golden file of
/// EvolutionErrorTests.</summary>
public sealed class SchemaCompatibilityTests
{
    [Fact]
    public void Compare_throws_for_different_schemas()
    {
        MessageSchema one = CanonicalSchema.Parse("esf1 a.One{x:u8}");
        MessageSchema two = CanonicalSchema.Parse("esf1 a.Two{x:u8}");
        Assert.Throws<ArgumentException>(() => SchemaCompatibility.Compare(one, two, ""));
    }

    [Theory]
    [InlineData("{a:u8}", "{a:u16}", "ESF023")]
    [InlineData("{a:string(8)}", "{a:string(9)}", "ESF023")]
    [InlineData("{a:string(8)}", "{a:string}", "ESF023")]
    [InlineData("{a:enum E{A}}", "{a:enum F{A}}", "ESF023")]
    [InlineData("{a:enum E{A}}", "{a:u16}", "ESF023")]
    [InlineData("{a:enum u16{A}}", "{a:u16}", "ESF023")]
    [InlineData("{a:array(enum u16{A})}", "{a:array(u16)}", "ESF023")]
    [InlineData("{a:map(u8,u8)}", "{a:map(u8,u16)}", "ESF023")]
    [InlineData("{a:map(u8,u8)}", "{a:map(u16,u8)}", "ESF023")]
    [InlineData("{a:map(enum E{A,B},u8)}", "{a:map(enum E{B,A},u8)}", "ESF027")]
    [InlineData("{a:array(object{x:u8})}", "{a:array(object{x:u8,y:u8})}", "ESF026")]
    [InlineData("{a:map(u8,array(object{x:u8,y:u8}))}", "{a:map(u8,array(object{y:u8}))}", "ESF021")]
    [InlineData("{a:object{x:object{y:enum E{A,B}}}}", "{a:object{x:object{y:enum E{A}}}}", "ESF027")]
    [InlineData("{a:u8@encrypted}", "{a:u8}", "ESF025")]
    [InlineData("{a:u8@public[b=encrypted]}", "{a:u8@public[b=public]}", "ESF025")]
    [InlineData("{a:u8}", "{a?:u8}", "ESF024")]
    [InlineData("{a?:u8}", "{a:u8}", "ESF024")]
    [InlineData("{a:u8}", "{b?:u8,a:u8}", "ESF022")]
    [InlineData("{a:u8,b:u8}", "{b:u8,a:u8}", "ESF022")]
    [InlineData("{a:u8}", "{b:u8}", "ESF021")]
    public void Compare_finds_an_incompatible_change_at_any_depth(string earlier, string later, string code)
    {
        SchemaDiagnostic only = Assert.Single(
            SchemaCompatibility.Compare(CanonicalSchema.Parse("esf1 a.S" + earlier), CanonicalSchema.Parse("esf1 a.S" + later), ""));
        Assert.Equal(code, only.Code);
    }

    [Theory]
    [InlineData("{a:u8}", "{a:u8,b?:u8}")]
    [InlineData("{a:enum E{A}}", "{a:enum E{A,B}}")]
    [InlineData("{a:map(enum E{A},u8)}", "{a:map(enum E{A,B},u8)}")]
    [InlineData("{a:map(u8,array(object{x:u8}))}", "{a:map(u8,array(object{x:u8,y?:object{z:u8}}))}")]
    public void Extends_accepts_appended_optional_fields_and_enum_values(string earlier, string later)
    {
        Assert.True(SchemaCompatibility.Extends(CanonicalSchema.Parse("esf1 a.S" + earlier), CanonicalSchema.Parse("esf1 a.S" + later)));
    }

    [Property(200, 20_000, Arbitrary = [typeof(Histories)])]
    public void Each_later_version_extends_each_earlier_one_and_never_the_reverse(FourVersions versions)
    {
        MessageSchema[] history = versions.History;
        for (int i = 0; i < history.Length; i++)
        {
            for (int j = 0; j < history.Length; j++)
            {
                bool expected = i <= j || history[i].Id == history[j].Id;
                Assert.Equal(expected, SchemaCompatibility.Extends(history[i], history[j]));
            }
        }
    }

    [Property(200, 20_000, Arbitrary = [typeof(Histories)])]
    public void Later_version_keeps_the_layout_of_an_earlier_one(ThreeVersions versions)
    {
        MessageSchema[] history = versions.History;
        RecordLayout first = RecordLayout.OfMessage(history[0].Record);
        RecordLayout last = RecordLayout.OfMessage(history[2].Record);
        for (int i = 0; i < first.Fields.Count; i++)
        {
            FieldLayout was = first.Fields[i];
            FieldLayout now = last.Fields[i];
            Assert.Equal((was.Offset, was.PresenceOffset, was.PresenceMask), (now.Offset, now.PresenceOffset, now.PresenceMask));
        }
    }

    [Property(200, 20_000, Arbitrary = [typeof(Histories)])]
    public void Lock_of_any_history_survives_a_round_trip_and_names_unpublished_schemas(FourVersions versions)
    {
        MessageSchema[] history = versions.History;
        SchemaLock published = SchemaLock.Empty;
        foreach (MessageSchema version in history)
        {
            SchemaDocument document = SchemaReader.Read(YamlText.Of(version), "x").Document!;
            Assert.Empty(published.Check(document, "x"));
            published = published.Publish(document);
            Assert.Empty(published.Unpublished(document));
        }

        SchemaLockReadResult read = SchemaLockReader.Read(published.ToString(), "x");
        Assert.Equal(published.ToString(), read.Lock!.ToString());
        Assert.Equal(history.Select(version => version.Id).Distinct(),
            read.Lock.Find(history[0].QualifiedName)!.Versions.Select(version => version.Id));
    }

    /// <summary>Three versions of a schema, the earliest first.</summary>
    public sealed record ThreeVersions(MessageSchema[] History)
    {
        /// <inheritdoc/>
        public override string ToString() => string.Join('\n', History.Select(version => version.CanonicalText));
    }

    /// <summary>Four versions of a schema, the earliest first.</summary>
    public sealed record FourVersions(MessageSchema[] History)
    {
        /// <inheritdoc/>
        public override string ToString() => string.Join('\n', History.Select(version => version.CanonicalText));
    }

    /// <summary>Histories in which each version extends the previous one.</summary>
    public static class Histories
    {
        /// <summary>Histories of three versions.</summary>
        public static Arbitrary<ThreeVersions> OfThree() =>
            HistoryGen.Versions(3).Select(history => new ThreeVersions(history)).ToArbitrary();

        /// <summary>Histories of four versions.</summary>
        public static Arbitrary<FourVersions> OfFour() =>
            HistoryGen.Versions(4).Select(history => new FourVersions(history)).ToArbitrary();
    }
}
