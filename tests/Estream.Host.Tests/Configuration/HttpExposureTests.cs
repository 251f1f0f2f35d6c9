using Estream.Crypto;
using Estream.Testing;
namespace Estream.Host.Tests.Configuration;

/// <summary>Goal: nothing is served to other machines without a strong token.</summary>
public sealed class HttpExposureTests
{
    private const string Token = "0123456789abcdef0123456789abcdef";

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    [InlineData("192.0.2.1")]
    public void A_public_address_requires_a_token(string address)
    {
        using ConfigurationCase open = new($$$$"""{"Estream":{"Http":{"Address":"{{{{address}}}}"}}}""");

        Assert.Contains("which other machines can reach, but there is no token. Create one with: estream token new", open.Message(),
            StringComparison.Ordinal);
        Assert.Contains(
            "Estream:Http:TokenFile or Estream:Http:TokenEnv, or listen on 127.0.0.1.", open.Message(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(""" "Address":"0.0.0.0" """, "Address is 0.0.0.0")]
    [InlineData(""" "Management":{"Address":"::","Port":5081} """, "Management:Address is ::")]
    [InlineData(""" "Address":"192.0.2.1","AllowPlaintext":false """, "Address is 192.0.2.1")]
    [InlineData(""" "Address":"0.0.0.0","AllowPlaintext":true """, null)]
    [InlineData(""" "Address":"0.0.0.0","Proxies":["10.0.0.0/8"] """, null)]
    [InlineData(""" "Address":"127.0.0.1" """, null)]
    public void A_public_address_requires_TLS_or_the_permission_of_plaintext(string settings, string? expected)
    {
        using ConfigurationCase open =
            new ConfigurationCase($$$$"""{"Estream":{"Http":{"TokenEnv":"MY_TOKEN",{{{{settings}}}}}}}""").With("MY_TOKEN", Token);

        if (expected is null)
        {
            Assert.NotNull(open.Settings());
        }
        else
        {
            Assert.Contains($"Estream:Http:{expected}, which other machines can reach, but there is no TLS", open.Message(),
                StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("auto", true, false, "Estream:Http:TokensFile is missing, but Replication:Role is auto")]
    [InlineData("auto", true, true, null)]
    [InlineData("auto", false, false, null)]
    [InlineData("fixed", true, false, null)]
    public void Hosts_of_a_pair_need_a_shared_file_of_tokens(string role, bool hasTokens, bool isShared, string? expected)
    {
        using TempDirectory data = new();
        if (hasTokens)
        {
            AccessTokenFile.Create(data.Combine("tokens"), "", AccessRole.Viewer, null, DateTimeOffset.UtcNow);
        }

        string http = isShared ? $$"""{"TokensFile":"{{data.Combine("shared")}}"}""" : "{}";
        using ConfigurationCase pair = new($$$$"""
            {"Estream":{"Data":"{{{{data.Path}}}}","Http":{{{{http}}}},"Queues":{"q":{}},
              "Replication":{"Cluster":"c","Brokers":["127.0.0.1"],"Role":"{{{{role}}}}","Publish":["q"]}}}
            """);

        if (expected is null)
        {
            Assert.Equal(isShared ? data.Combine("shared") : role == "auto" ? null : data.Combine("tokens"),
                pair.Settings().Http.TokensFile);
        }
        else
        {
            Assert.Contains(expected, pair.Message(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Tokens_in_the_data_folder_count_as_tokens()
    {
        using TempDirectory data = new();
        AccessTokenFile.Create(data.Combine("tokens"), "", AccessRole.Viewer, null, DateTimeOffset.UtcNow);
        using ConfigurationCase open = new($$$$"""{"Estream":{"Data":"{{{{data.Path}}}}","Http":{"Address":"0.0.0.0","AllowPlaintext":true}}}""");

        Assert.Equal((AccessRole.None, data.Combine("tokens")), (open.Settings().Http.LoopbackRole, open.Settings().Http.TokensFile));
    }

    [Theory]
    [InlineData("", AccessRole.Viewer)]
    [InlineData(""","LoopbackRole":"operator" """, AccessRole.Operator)]
    [InlineData(""","LoopbackRole":"none" """, AccessRole.None)]
    [InlineData(""","TokenEnv":"MY_TOKEN" """, AccessRole.None)]
    public void Without_a_token_this_machine_can_read_unless_configured(string settings, AccessRole expected)
    {
        using ConfigurationCase given =
            new ConfigurationCase($$$$"""{"Estream":{"Http":{"Port":5080{{{{settings}}}}}}}""").With("MY_TOKEN", Token);

        Assert.Equal(expected, given.Settings().Http.LoopbackRole);
    }

    [Fact]
    public void A_loopback_role_beside_a_token_is_rejected()
    {
        using ConfigurationCase both = new ConfigurationCase(
            """{"Estream":{"Http":{"TokenEnv":"MY_TOKEN","LoopbackRole":"viewer"}}}""").With("MY_TOKEN", Token);

        Assert.Contains("Estream:Http:LoopbackRole is viewer, but Estream:Http:TokenEnv is set.", both.Message(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_loopback_role_requires_a_loopback_address()
    {
        using ConfigurationCase open = new ConfigurationCase(
            """{"Estream":{"Http":{"Address":"0.0.0.0","TokenEnv":"MY_TOKEN","LoopbackRole":"viewer"}}}""").With("MY_TOKEN", Token);

        Assert.Contains("Estream:Http:LoopbackRole is viewer", open.Message(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.9.9.9")]
    [InlineData("::1")]
    [InlineData("localhost")]
    public void A_loopback_address_requires_no_token(string address)
    {
        using ConfigurationCase closed = new($$$$"""{"Estream":{"Http":{"Address":"{{{{address}}}}"}}}""");

        Assert.Null(closed.Settings().Http.Token);
    }

    [Fact]
    public void The_token_is_read_from_a_variable_or_a_file()
    {
        using ConfigurationCase variable =
            new ConfigurationCase("""{"Estream":{"Http":{"Address":"0.0.0.0","AllowPlaintext":true,"TokenEnv":"MY_TOKEN"}}}""").With("MY_TOKEN", Token);
        string file = Path.Combine(variable.Directory, "token");
        SecretFiles.Write(file, Token + "\n");
        using ConfigurationCase fromFile = new($$$$"""{"Estream":{"Http":{"Address":"0.0.0.0","AllowPlaintext":true,"TokenFile":"{{{{file}}}}"}}}""");

        Assert.Equal(Token, variable.Settings().Http.Token);
        Assert.Equal(Token, fromFile.Settings().Http.Token);
        Assert.DoesNotContain(Token, fromFile.Settings().ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("short", "has no valid token")]
    [InlineData("with spaces in between it", "has no valid token")]
    [InlineData("", "has no valid token")]
    public void A_weak_token_is_rejected(string token, string expected)
    {
        using ConfigurationCase weak =
            new ConfigurationCase("""{"Estream":{"Http":{"Address":"0.0.0.0","AllowPlaintext":true,"TokenEnv":"MY_TOKEN"}}}""").With("MY_TOKEN", token);

        string message = weak.Message();

        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.Contains("an error (", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_token_file_readable_by_others_is_rejected()
    {
        using TempDirectory folder = new();
        string file = folder.Combine("token");
        File.WriteAllText(file, Token);
        SecretFiles.SetMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        using ConfigurationCase open = new($$$$"""{"Estream":{"Http":{"TokenFile":"{{{{file}}}}"}}}""");

        Assert.Contains($"(mode 640). Run: chmod 600 '{file}'", open.Message(), StringComparison.Ordinal);
        Assert.DoesNotContain(Token, open.Message(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_unreadable_token_file_is_reported_by_name()
    {
        using ConfigurationCase missing = new("""{"Estream":{"Http":{"TokenFile":"/nowhere/token"}}}""");

        Assert.Contains("Estream:Http:TokenFile cannot be used: The token file '/nowhere/token' cannot be read",
            missing.Message(), StringComparison.Ordinal);
    }
}
