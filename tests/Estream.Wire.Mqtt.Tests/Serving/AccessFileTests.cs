using System.Text;
using Estream.Testing;
using Estream.Wire.Mqtt.Internal.Serving;

namespace Estream.Wire.Mqtt.Tests.Serving;

public sealed class AccessFileTests : IDisposable
{
    private const string Rules = """
        # what everybody without a name may
        topic read news/#
        user ann
        topic plant/#
        topic write orders/+
        topic deny plant/secret/#
        topic read with blanks/in it

        user bob smith
        topic readwrite bob
        pattern write devices/%c/telemetry
        pattern read devices/%u/commands/#
        pattern deny devices/%u/commands/never
        """;

    private readonly TempDirectory _folder = new();

    [Theory]
    [InlineData(null, "p", "news/a", true, false)]
    [InlineData(null, "p", "plant/a", false, false)]
    [InlineData(null, "p", "devices/p/telemetry", false, true)]
    [InlineData(null, "p", "devices/q/telemetry", false, false)]
    [InlineData(null, "p", "devices//commands/x", false, false)]
    [InlineData("ann", "p", "plant/a", true, true)]
    [InlineData("ann", "p", "plant/secret", false, false)]
    [InlineData("ann", "p", "plant/secret/x", false, false)]
    [InlineData("ann", "p", "orders/1", false, true)]
    [InlineData("ann", "p", "with blanks/in it", true, false)]
    [InlineData("ann", "p", "news/a", false, false)]
    [InlineData("ann", "p", "devices/ann/commands/x", true, false)]
    [InlineData("ann", "p", "devices/ann/commands/never", false, false)]
    [InlineData("ann", "p", "devices/p/telemetry", false, true)]
    [InlineData("bob smith", "p", "bob", true, true)]
    [InlineData("nobody", "p", "devices/nobody/commands/x", true, false)]
    [InlineData("nobody", "p", "plant/a", false, false)]
    public void Rules_allow_exactly_what_they_state(string? user, string client, string topic, bool mayRead, bool mayWrite)
    {
        ClientAccess access = Load(Rules).Of(user, client);

        Assert.Equal(mayRead, access.MayRead(Encoding.UTF8.GetBytes(topic)));
        Assert.Equal(mayWrite, access.MayWrite(Encoding.UTF8.GetBytes(topic)));
    }

    [Theory]
    [InlineData("ann/b", "p")]
    [InlineData("+", "p")]
    [InlineData("#", "p")]
    [InlineData("$ann", "p")]
    [InlineData("", "p")]
    [InlineData("ann", "p/q")]
    [InlineData("ann", "+")]
    [InlineData("ann", "#")]
    [InlineData("ann", "$p")]
    public void Name_that_is_not_a_single_level_has_no_rights(string user, string client)
    {
        ClientAccess access = Load(Rules).Of(user, client);

        Assert.False(access.MayRead("plant/a"u8));
        Assert.False(access.MayWrite("devices/p/telemetry"u8));
        Assert.False(access.MaySubscribe("#"u8));
    }

    [Theory]
    [InlineData("#", true, false)]
    [InlineData("plant/#", true, false)]
    [InlineData("plant/a/#", true, true)]
    [InlineData("plant/secret/#", false, false)]
    [InlineData("plant/secret/x", false, false)]
    [InlineData("plant/+", true, false)]
    [InlineData("orders/1", false, false)]
    [InlineData("+/+/commands/#", true, false)]
    [InlineData("devices/ann/commands/x", true, true)]
    [InlineData("devices/bob/commands/x", false, false)]
    public void Subscription_is_granted_when_some_matching_topic_is_readable(string filter, bool isGranted, bool isWhole)
    {
        ClientAccess access = Load(Rules).Of("ann", "p");

        Assert.Equal(isGranted, access.MaySubscribe(Encoding.UTF8.GetBytes(filter)));
        Assert.Equal(isWhole, access.MayReadAll(Encoding.UTF8.GetBytes(filter)));
    }

    [Theory]
    [InlineData("topics read a")]
    [InlineData("topic")]
    [InlineData("user")]
    [InlineData("topic read a/#/b")]
    [InlineData("topic read a+")]
    [InlineData("topic read $share/g/a")]
    [InlineData("topic read devices/%u")]
    [InlineData("pattern read devices/x%u")]
    [InlineData("pattern read devices/%c%u/#")]
    public void Malformed_line_is_reported_by_number(string line)
    {
        WireConfigurationException failure = Assert.Throws<WireConfigurationException>(() => Load($"# first\n{line}"));

        Assert.Equal("AclFile", failure.Key);
        Assert.Contains("line 2", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_names_a_missing_file()
    {
        WireConfigurationException failure = Assert.Throws<WireConfigurationException>(() => AccessFile.Load(_folder.Combine("missing")));

        Assert.Contains("missing", failure.Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _folder.Dispose();
    }

    private AccessFile Load(string rules)
    {
        string path = _folder.Combine("rules");
        File.WriteAllText(path, rules);
        return AccessFile.Load(path);
    }
}
