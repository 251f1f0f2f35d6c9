using Estream.Crypto;
using Estream.Esf;

namespace Estream.Wire.Tests;

/// <summary>Dead letters and events of an adapter with private fields contain nothing that may be a private field.</summary>
public sealed class RedactedLettersTests : IDisposable
{
    private const string Canary = "canary-4711";

    private static readonly TopicMapping s_captures = TopicMapping.Json("wards/{ward}/{patient}/pulse", Schemas.Get("Patient"), "data");
    private static readonly TopicMapping s_captureless = TopicMapping.Json("kept/{id}", Schemas.Get("Kept"), "data");
    private static readonly TopicMapping s_public = TopicMapping.Json("counts/{id}", Schemas.Get("Count"), "data");

    private readonly MlKem1024PrivateKey _key = MlKem1024PrivateKey.Generate();

    public void Dispose() => _key.Dispose();

    [Fact]
    public void Dead_letter_replaces_a_private_topic_level_by_its_field_name()
    {
        using IngressRig rig = Rig(s_captures);
        Assert.Equal(IngressStatus.DeadLettered, rig.Append($"wards/north/{Canary}/pulse", """{"pulse":"fast"}"""));
        string letter = AssertWithout(rig);
        Assert.Contains("\"topic\":\"wards/north/{patient}/pulse\"", letter, StringComparison.Ordinal);
        Assert.Equal(IngressStatus.Stored, rig.Append($"wards/north/{Canary}/pulse", """{"pulse":61}"""));
        Assert.Equal("""{"ward":"north","patient":{"$withheld":true},"pulse":61}""", Assert.Single(Schemas.ReadAll(rig.Data)));
    }

    [Fact]
    public void Unmapped_message_loses_topic_and_payload_when_topics_may_hold_private_fields()
    {
        using IngressRig rig = Rig(s_public, s_captures);
        Assert.Equal(IngressStatus.NotMapped, rig.Append($"ward/north/{Canary}/pulse", $$"""{"patient":"{{Canary}}"}"""));
        string letter = AssertWithout(rig);
        Assert.Contains("\"topic\":\"\"", letter, StringComparison.Ordinal);
        Assert.Contains("topic and payload (25 bytes) are not kept", letter, StringComparison.Ordinal);
    }

    [Fact]
    public void Unmapped_message_keeps_its_topic_when_no_topic_holds_a_private_field()
    {
        using IngressRig rig = Rig(s_captureless);
        Assert.Equal(IngressStatus.NotMapped, rig.Append("elsewhere/7", $$"""{"secret":"{{Canary}}"}"""));
        string letter = AssertWithout(rig);
        Assert.Contains("\"topic\":\"elsewhere/7\"", letter, StringComparison.Ordinal);
        Assert.Contains("payload (24 bytes) is not kept", letter, StringComparison.Ordinal);
    }

    [Fact]
    public void Dead_letter_of_a_schema_without_private_fields_is_complete()
    {
        using IngressRig rig = Rig(s_captures, s_public);
        Assert.Equal(IngressStatus.DeadLettered, rig.Append("counts/x", "{}"));
        string letter = Assert.Single(Schemas.ReadAll(rig.DeadLetters));
        Assert.Contains("\"topic\":\"counts/x\"", letter, StringComparison.Ordinal);
        Assert.Contains("\"payload\":\"7b7d\"", letter, StringComparison.Ordinal);
    }

    [Fact]
    public void Topic_template_with_a_private_field_is_refused()
    {
        FormatException refused = Assert.Throws<FormatException>(() => TopicTemplate.Parse("patients/{patient}", Schemas.Get("Patient")));
        Assert.Contains("'patient'", refused.Message, StringComparison.Ordinal);
        Assert.Contains("private", refused.Message, StringComparison.Ordinal);
    }

    private IngressRig Rig(params TopicMapping[] mappings) => new(null, EsfAudienceKeys.None.With("default", _key.PublicKey), mappings);

    private static string AssertWithout(IngressRig rig)
    {
        string letter = Assert.Single(Schemas.ReadAll(rig.DeadLetters));
        Assert.DoesNotContain(Canary, letter, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToHexStringLower(System.Text.Encoding.UTF8.GetBytes(Canary)), letter, StringComparison.Ordinal);
        Assert.DoesNotContain(rig.Events, happened => happened.Detail.Contains(Canary, StringComparison.Ordinal));
        return letter;
    }
}
