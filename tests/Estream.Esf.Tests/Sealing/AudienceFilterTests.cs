using System.Text;
using Estream.Esf.Tests.Generation;

namespace Estream.Esf.Tests.Sealing;

/// <summary>Selecting messages for audiences: messages with a value for one of the audiences, and messages without sealed values. Values
/// for other audiences are never opened.</summary>
public sealed class AudienceFilterTests
{
    private static readonly EsfSchema s_schema = Schemas.One("""
        Visit:
          fields:
            id: { type: string(16) }
            owned: { type: string, optional: true, privacy: { default_level: encrypted, audiences: [{ audience: owner, level: public }] } }
            audited: { type: string, optional: true, privacy: { default_level: encrypted, audiences: [{ audience: auditor, level: public }] } }
            shared: { type: string, optional: true, privacy: { default_level: encrypted, audiences: [{ audience: owner, level: public }, { audience: auditor, level: public }] } }
            apart: { type: string, optional: true, privacy: { default_level: encrypted, audiences: [{ audience: auditor, level: public }], sublex: apart } }
            beds: { type: array(object), optional: true, fields: { ward: { type: string }, drug: { type: string, optional: true, privacy: { default_level: encrypted, audiences: [{ audience: auditor, level: public }] } } } }
            home: { type: object, optional: true, privacy: { default_level: encrypted, audiences: [{ audience: owner, level: public }] }, fields: { floor: { type: i16, privacy: { default_level: encrypted, audiences: [{ audience: auditor, level: public }] } } } }
        """);

    private static readonly EsfSchema s_other = Schemas.One("Note: { fields: { text: { type: string } } }");

    [Fact]
    public void Constructor_names_an_unknown_audience_and_the_known_ones()
    {
        string error = Assert.Throws<ArgumentException>(() => new EsfAudienceFilter(s_schema, "auditr")).Message;
        Assert.Contains("'auditr'", error, StringComparison.Ordinal);
        Assert.Contains("auditor, owner", error, StringComparison.Ordinal);
        Assert.Contains("Audiences: none", Assert.Throws<ArgumentException>(() => new EsfAudienceFilter(s_other, "auditor")).Message,
            StringComparison.Ordinal);
        Assert.Equal("audiences", Assert.Throws<ArgumentException>(() => new EsfAudienceFilter(s_schema)).ParamName);
        Assert.Throws<ArgumentNullException>(() => new EsfAudienceFilter((EsfSchema)null!, "auditor"));
        Assert.Equal(["auditor"], new EsfAudienceFilter([s_schema, s_other], "auditor", "auditor").Audiences);
    }

    [Fact]
    public void Unsealer_throws_for_a_filter_of_other_schemas()
    {
        using EsfKeyRing ring = TestKeys.RingOf("auditor");
        EsfSchema further = Schemas.One(
            "Further: { fields: { a: { type: string, privacy: { default_level: encrypted, audiences: [{ audience: auditor, level: public "
            + "}] } } } }");
        Assert.Contains("Further",
            Assert.Throws<ArgumentException>(() => new EsfUnsealer(further, ring, new EsfAudienceFilter(s_schema, "auditor"))).Message,
            StringComparison.Ordinal);
        new EsfUnsealer(further, ring, new EsfAudienceFilter([s_schema, further], "auditor")).Dispose();
    }

    [Theory]
    [InlineData("""{"id":"a"}""", true, true)]
    [InlineData("""{"id":"a","owned":"x"}""", false, true)]
    [InlineData("""{"id":"a","audited":"x"}""", true, false)]
    [InlineData("""{"id":"a","owned":"x","audited":"y"}""", true, true)]
    [InlineData("""{"id":"a","shared":"x"}""", true, true)]
    [InlineData("""{"id":"a","beds":[{"ward":"n"},{"ward":"s","drug":"d"}]}""", true, false)]
    [InlineData("""{"id":"a","owned":"x","beds":[{"ward":"n"}]}""", false, true)]
    [InlineData("""{"id":"a","home":{"floor":7}}""", false, true)]
    public void Filter_matches_messages_with_a_value_for_the_audience_or_no_value(string json, bool forAuditor, bool forOwner)
    {
        byte[] message = Seal(json);
        Assert.Equal(forAuditor, new EsfAudienceFilter(s_schema, "auditor").Matches(message));
        Assert.Equal(forOwner, new EsfAudienceFilter(s_schema, "owner").Matches(message));
        Assert.True(new EsfAudienceFilter(s_schema, "owner", "auditor").Matches(message));
    }

    [Fact]
    public void Filter_ignores_a_value_that_was_moved_to_a_sub_lex()
    {
        EsfAudienceFilter auditor = new(s_schema, "auditor");
        byte[] message = Seal("""{"id":"a","owned":"x","apart":"y"}""");
        Assert.True(auditor.Matches(message));
        byte[] part = new byte[message.Length];
        Assert.True(EsfSubLex.Split(s_schema, message, null, part, out int length).IsOk);
        Assert.False(auditor.Matches(part.AsSpan(0, length)));
        Assert.True(EsfSubLex.Split(s_schema, message, "apart", part, out length).IsOk);
        Assert.True(auditor.Matches(part.AsSpan(0, length)));

        message = Seal("""{"id":"a","apart":"y"}""");
        Assert.True(EsfSubLex.Split(s_schema, message, null, part, out length).IsOk);
        Assert.True(auditor.Matches(part.AsSpan(0, length)));
        Assert.True(new EsfAudienceFilter(s_schema, "owner").Matches(part.AsSpan(0, length)));
    }

    [Fact]
    public void Check_reports_damaged_foreign_and_unsealed_messages()
    {
        EsfAudienceFilter auditor = new(s_schema, "auditor");
        byte[] message = Seal("""{"id":"a","audited":"x"}""");
        for (int length = 0; length < message.Length; length++)
        {
            Assert.False(auditor.Matches(message.AsSpan(0, length)));
        }

        byte[] stranger = Schemas.Encode(s_other, """{"text":"t"}""");
        Assert.Equal(EsfError.WrongSchema, auditor.Check(stranger, out _).Error);
        Assert.True(new EsfAudienceFilter([s_schema, s_other], "auditor").Matches(stranger));
        Assert.Equal(EsfError.Unsealed, auditor.Check(Schemas.Encode(s_schema, """{"id":"a","audited":"x"}"""), out bool isChosen).Error);
        Assert.False(isChosen);
    }

    [Fact]
    public void Unsealer_with_a_filter_opens_only_values_for_its_audience()
    {
        const string Json =
            """{"id":"a","owned":"secret one","audited":"secret two","shared":"secret three","beds":[{"ward":"s","drug":"secret four"}],"home":{"floor":7}}""";
        byte[] message = Seal(Json);
        string withheld = Redaction.Withheld;
        string audited =
            $$"""{"id":"a","owned":{{withheld}},"audited":"secret two","shared":"secret three","beds":[{"ward":"s","drug":"secret four"}],"home":{{withheld}}}""";
        string owned =
            $$$"""{"id":"a","owned":"secret one","audited":{{{withheld}}},"shared":"secret three","beds":[{"ward":"s","drug":{{{withheld}}} }],"home":{"floor":{{{withheld}}} } }""".Replace(" }", "}", StringComparison.Ordinal);
        Assert.Equal(audited, Open(message, ["owner", "auditor"], "auditor", out int count));
        Assert.Equal(2, count);
        Assert.Equal(owned, Open(message, ["owner", "auditor"], "owner", out count));
        Assert.Equal(3, count);
        Assert.Equal(audited, Open(message, ["auditor"], "auditor", out _));

        // Without the audience's key every value is withheld, which is not an error.
        string open = Open(message, [], "auditor", out count);
        Assert.DoesNotContain("secret", open, StringComparison.Ordinal);
        Assert.Equal(5, count);
    }

    [Fact]
    public void Unsealer_with_a_filter_rejects_an_unencrypted_private_value()
    {
        byte[] message = Schemas.Encode(s_schema, """{"id":"a","owned":"secret"}""");
        using EsfKeyRing ring = new();
        using EsfUnsealer unsealer = new(s_schema, ring, new EsfAudienceFilter(s_schema, "auditor"));
        EsfStatus status = unsealer.Open(message, out ReadOnlySpan<byte> opened, out _);
        Assert.Equal(EsfError.Unsealed, status.Error);
        Assert.True(opened.IsEmpty);
    }

    private static string Open(byte[] message, string[] keys, string audience, out int withheld)
    {
        using EsfKeyRing ring = TestKeys.RingOf(keys);
        using EsfUnsealer unsealer = new(s_schema, ring, new EsfAudienceFilter(s_schema, audience));
        EsfStatus status = unsealer.Open(message, out ReadOnlySpan<byte> opened, out withheld);
        Assert.True(status.IsOk, status.ToString());
        return Schemas.Print(s_schema, opened);
    }

    private static byte[] Seal(string json)
    {
        using EsfSealer sealer = new(s_schema, TestKeys.Public);
        return sealer.SealOrFail(Schemas.Encode(s_schema, json));
    }
}
