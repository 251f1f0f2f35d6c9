using Estream.Core;
using Estream.Testing;

namespace Estream.Crypto.Tests.Access;

public sealed class AccessGrantsTests
{
    private static readonly DateTimeOffset s_now = new(2026, 12, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("registrar")]
    [InlineData("registrar:")]
    [InlineData("registrar:acme")]
    [InlineData("registrar:@")]
    [InlineData("registrar:@Acme")]
    [InlineData("registrar:@acme/card")]
    [InlineData("registrar:@acme governance")]
    [InlineData("Governance")]
    [InlineData("admin")]
    public void A_text_that_is_not_a_grant_is_refused(string text) => Assert.Throws<FormatException>(() => AccessGrants.Create([text]));

    [Fact]
    public void Too_many_grants_are_refused() => Assert.Throws<FormatException>(() =>
        AccessGrants.Create(Enumerable.Range(0, AccessGrants.MaxCount + 1).Select(number => $"registrar:@a{number}")));

    [Fact]
    public void A_grant_permits_only_its_namespace()
    {
        AccessGrants grants = AccessGrants.Create(["registrar:@acme", "registrar:estream"]);

        Assert.True(grants.MayRegister("@acme"));
        Assert.True(grants.MayRegister("estream"));
        Assert.False(grants.MayRegister("@acm"));
        Assert.False(grants.MayRegister("@acme2"));
        Assert.False(grants.IsModerator);
        Assert.True(AccessGrants.Create(["governance"]).IsModerator);
        Assert.False(AccessGrants.None.MayRegister("@acme"));
    }

    [Fact]
    public void A_token_with_grants_expires_within_90_days()
    {
        using TempDirectory folder = new();
        string file = folder.Combine("tokens");
        AccessGrants grants = AccessGrants.Create(["governance"]);

        Assert.Throws<ArgumentException>(() => AccessTokenFile.Create(file, "a", AccessRole.Viewer, null, s_now, null, grants));
        Assert.Throws<ArgumentException>(() =>
            AccessTokenFile.Create(file, "a", AccessRole.Viewer, TimeSpan.FromDays(91), s_now, null, grants));
        string token = AccessTokenFile.Create(file, "a", AccessRole.Viewer, TimeSpan.FromDays(90), s_now, null, grants);

        AccessTokenFile read = AccessTokenFile.Load(file);
        Assert.True(read.TryFind(token, s_now, out AccessToken? found));
        Assert.Equal(grants, found.Grants);
        Assert.False(read.TryFind(token, s_now.AddDays(90), out _));
        Assert.StartsWith("# estream tokens 2\n", File.ReadAllText(file), StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_whose_grants_never_expire_is_damaged()
    {
        using TempDirectory folder = new();
        string file = folder.Combine("tokens");
        AccessTokenFile.Create(file, "a", AccessRole.Viewer, TimeSpan.FromDays(90), s_now, null, AccessGrants.Create(["governance"]));
        string[] fields = File.ReadAllText(file).Split('\t');
        fields[3] = "0";
        File.WriteAllText(file, string.Join('\t', fields));

        Assert.Throws<EstreamCorruptionException>(() => AccessTokenFile.Load(file));
    }

    [Fact]
    public void A_file_of_format_1_is_read_and_of_a_later_format_refused()
    {
        using TempDirectory folder = new();
        string file = folder.Combine("tokens");
        string token = AccessTokenFile.Create(file, "a", AccessRole.Operator, null, s_now);
        string text = File.ReadAllText(file);
        string[] fields = text.Split('\n')[1].Split('\t');
        File.WriteAllText(file, "# estream tokens 1\n" + string.Join('\t', [.. fields[..5], fields[6]]) + "\n");

        Assert.True(AccessTokenFile.Load(file).TryFind(token, s_now, out AccessToken? found));
        Assert.Equal("a", found.Name);
        Assert.True(found.Grants.IsEmpty);

        File.WriteAllText(file, text.Replace("tokens 2", "tokens 3", StringComparison.Ordinal));
        Assert.Contains("tokens 3", Assert.Throws<EstreamCorruptionException>(() => AccessTokenFile.Load(file)).Message,
            StringComparison.Ordinal);
    }
}
