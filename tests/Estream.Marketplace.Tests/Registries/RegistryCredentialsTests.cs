using Estream.Core;
using Estream.Marketplace.Registries;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Registries;

/// <summary>The tokens of a user: each for one origin, until its expiry, in a file that only the user can access.</summary>
public sealed class RegistryCredentialsTests : IDisposable
{
    private const string Token = "secret-token";

    private readonly TempDirectory _folder = new();
    private readonly ManualClock _clock = ManualClock.At("2026-11-23 06:33");
    private readonly RegistryCredentials _credentials;

    public RegistryCredentialsTests() => _credentials = new RegistryCredentials(FileName, _clock);

    private string FileName => _folder.Combine("home", "credentials.json");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("https://a.example/components/x", true)]
    [InlineData("https://a.example:443/", true)]
    [InlineData("https://a.example:444/", false)]
    [InlineData("http://a.example/components/x", false)]
    [InlineData("https://a.example.evil.example/", false)]
    [InlineData("https://evil.example/a.example", false)]
    [InlineData("https://a.example@evil.example/", false)]
    [InlineData("https://b.example/", false)]
    public void Find_returns_a_token_only_for_its_origin(string address, bool isGiven)
    {
        Save("https://a.example/");
        Assert.Equal(isGiven ? Token : null, _credentials.Find(new Uri(address)));
    }

    [Theory]
    [InlineData("http://a.example/", false)]
    [InlineData("ftp://a.example/", false)]
    [InlineData("file:///etc/", false)]
    [InlineData("http://127.0.0.1:8080/", true)]
    [InlineData("https://a.example/", true)]
    public void OriginOf_excludes_plain_http_except_on_this_machine(string address, bool isSafe) =>
        Assert.Equal(isSafe, RegistryCredentials.OriginOf(new Uri(address)) is not null);

    [Fact]
    public void Expired_token_is_refused_and_tokens_are_never_shown()
    {
        Save("https://a.example/");
        Assert.DoesNotContain(Token, string.Join(' ', _credentials.List()), StringComparison.Ordinal);
        _clock.Now = _clock.Now.AddHours(1);
        EstreamRegistryException over = Assert.Throws<EstreamRegistryException>(() => _credentials.Find(new Uri("https://a.example/x")));
        Assert.Equal(RegistryFault.Forbidden, over.Fault);
        Assert.DoesNotContain(Token, over.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Find_throws_when_other_users_can_access_the_file()
    {
        Save("https://a.example/");
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(FileName));
        File.SetUnixFileMode(FileName, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        EstreamStorageException refused = Assert.Throws<EstreamStorageException>(() => _credentials.Find(new Uri("https://a.example/x")));
        Assert.Equal(StorageFailure.AccessDenied, refused.Reason);
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("a\r\nX-Admin: 1")]
    [InlineData("of\u00FCmlaut")]
    public void Token_with_spaces_control_or_non_ASCII_characters_is_refused(string token)
    {
        Assert.False(RegistryCredentials.IsToken(token));
        Assert.Throws<ArgumentException>(() => _credentials.Save("https://a.example", token, _clock.Now.AddHours(1)));

        // An invalid token that was written directly into the file is refused too.
        Save("https://a.example/");
        string written = System.Text.Json.JsonSerializer.Serialize(token), text = File.ReadAllText(FileName);
        File.WriteAllText(FileName,
            text.Replace($"\"{Token}\"", written.Replace("\\u00FC", "\u00FC", StringComparison.Ordinal), StringComparison.Ordinal));
        Assert.Throws<EstreamCorruptionException>(() => _credentials.Find(new Uri("https://a.example/x")));
    }

    private void Save(string origin) => _credentials.Save(RegistryCredentials.OriginOf(new Uri(origin))!, Token, _clock.Now.AddHours(1));
}
