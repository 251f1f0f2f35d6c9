using System.Net;
using Estream.Marketplace.Tests.Registries;
using Estream.Testing;
using static Estream.Cli.Tests.Marketplace.MarketplaceData;

namespace Estream.Cli.Tests.Marketplace;

/// <summary>Credentials for registries: never an argument, for one origin only, with an expiry, and never shown to others.</summary>
public sealed class LoginTests : IDisposable
{
    private const string Token = "github_pat_11AAAA-zzzz";

    private readonly MarketplaceData _data = new();

    private string CredentialsFile => _data.Combine("home", ".estream", "credentials.json");

    public void Dispose() => _data.Dispose();

    [Theory]
    [InlineData("http://components.example.org")]
    [InlineData("ftp://components.example.org")]
    [InlineData("components.example.org")]
    [InlineData("https://user:github_pat_11AAAA-zzzz@components.example.org")]
    public async Task Login_stores_nothing_for_a_registry_that_cannot_have_a_token(string address)
    {
        _data.Input = Token;
        CliResult result = await _data.RunAsync(["login", address]);
        result.AssertFailed(ExitCode.Failed, "cannot have a token");
        Assert.DoesNotContain(Token, result.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(CredentialsFile));
    }

    [Fact]
    public void Login_creates_a_missing_home_and_writes_nothing_to_the_current_folder()
    {
        string here = _data.Combine("workspace"), home = _data.Combine("new", "home"), token = _data.Combine("token");
        File.WriteAllText(token, Token);
        ChildProcess.Run("/bin/bash",
            ["-c", "dotnet \"$0\" marketplace login https://components.example.org < \"$1\"", BuiltProgram.Cli, token], here,
            new Dictionary<string, string?> { ["HOME"] = home }).EnsureSuccess();
        Assert.True(File.Exists(Path.Combine(home, ".estream", "credentials.json")));
        Assert.False(Directory.Exists(Path.Combine(here, ".estream")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("of\u00fcmlaut")]
    public async Task Login_rejects_an_invalid_token(string token)
    {
        _data.Input = token;
        (await _data.RunAsync(["login", "https://components.example.org"])).AssertFailed(ExitCode.Failed, "The token is not valid");
        _data.Input = new string('a', 5000);
        (await _data.RunAsync(["login", "https://components.example.org"])).AssertFailed(ExitCode.Failed, "The token is not valid");
        (await _data.RunAsync(["login", "https://components.example.org", "--expires", "367d"])).AssertFailed(ExitCode.Failed,
            "--expires takes");
        Assert.False(File.Exists(CredentialsFile));
    }

    [Fact]
    public async Task A_token_is_read_without_echo_stored_privately_never_listed_and_can_be_deleted()
    {
        Assert.Equal(ExitCode.No, (await _data.RunAsync(["login"])).Code);
        _data.Input = Token + "\n";
        CliResult kept = await _data.RunAsync(["login", "https://components.example.org/some/path", "--expires", "12h"]);
        Assert.Equal((ExitCode.Ok, "https://components.example.org  until 2023-11-15 10:13 UTC\n"), (kept.Code, kept.Output));
        _data.Secret = question => question.Contains("https://api.github.com:", StringComparison.Ordinal) ? Token : "";
        Assert.Equal(ExitCode.Ok, (await _data.RunAsync(["login", "https://api.github.com"])).Code);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(CredentialsFile));
        CliResult list = await _data.RunAsync(["login", "--json"]);
        Assert.Equal(2, list.Lines.Length);
        Assert.DoesNotContain(Token, kept.Output + list.Output + list.Error, StringComparison.Ordinal);

        Assert.Equal("https://api.github.com: token deleted\n", (await _data.RunAsync(["logout", "https://api.github.com"])).Output);
        (await _data.RunAsync(["logout", "https://api.github.com"])).AssertFailed(ExitCode.No,
            "There is no stored token for https://api.github.com");
        (await _data.RunAsync(["logout"])).AssertFailed(ExitCode.Failed, "Give either the URL of a registry, or --all.");
        Assert.Equal(ExitCode.Ok, (await _data.RunAsync(["logout", "--all"])).Code);
        Assert.DoesNotContain(Token, await File.ReadAllTextAsync(CredentialsFile), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_credential_file_that_is_damaged_or_readable_by_others_is_rejected()
    {
        _data.Input = Token;
        await _data.RunAsync(["login", "https://components.example.org"]);
        File.SetUnixFileMode(CredentialsFile, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        (await _data.RunAsync(["login"])).AssertFailed(ExitCode.Failed, "Users other than the owner can access", "chmod 600");
        File.SetUnixFileMode(CredentialsFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await File.WriteAllTextAsync(CredentialsFile, "{}");
        (await _data.RunAsync(["login"])).AssertFailed(ExitCode.Failed, "is damaged", "log in again");
    }

    [Fact]
    public async Task Only_the_registry_that_requires_a_token_receives_it()
    {
        await _data.PublishAsync(Card(), Iot());
        using AskingServer server = new(_data.Combine("registry"), Token), other = new(_data.Combine("registry"), null);
        Serve(server.Address);
        (await _data.RunAsync("show", "esf-iot")).AssertFailed(ExitCode.Failed, "requires a login (401)",
            $"estream marketplace login {server.Origin}");

        _data.Input = Token;
        Assert.Equal(ExitCode.Ok, (await _data.RunAsync(["login", server.Address, "--expires", "1h"])).Code);
        CliResult shown = await _data.RunAsync("show", "esf-iot");
        Assert.Equal((ExitCode.Ok, ""), (shown.Code, shown.Error));

        Serve(other.Address);
        Assert.Equal(ExitCode.Ok, (await _data.RunAsync("show", "esf-iot")).Code);
        Assert.All(other.Authorizations, Assert.Null);

        Serve(server.Address);
        _data.Manual.Pass(TimeSpan.FromHours(1));
        (await _data.RunAsync("show", "esf-iot")).AssertFailed(ExitCode.Failed, $"The credential for {server.Origin} expired at",
            "estream marketplace login");
        _data.Input = "another-token";
        await _data.RunAsync(["login", server.Address]);
        CliResult wrong = await _data.RunAsync("show", "esf-iot");
        wrong.AssertFailed(ExitCode.Failed, "rejects the stored credential (401)");
        Assert.DoesNotContain("another-token", wrong.Error, StringComparison.Ordinal);
    }

    [PeerFact("/usr/bin/git", "git")]
    public async Task Proposals_at_GitHub_require_its_token()
    {
        await _data.PublishAsync(Iot());
        using GitHubDouble github = new();
        ChildProcess.Run("/usr/bin/git", ["init", "--quiet", "--bare", _data.Combine("remote.git")]).EnsureSuccess();
        string[] mirror = ["mirror", "directory:" + _data.Combine("registry"), "git:" + _data.Combine("remote.git"), "--propose",
            "acme/components", "--github-api", github.Address.AbsoluteUri, "--cache", _data.Combine("cache")];
        (await _data.RunAsync(mirror)).AssertFailed(ExitCode.Failed, "There is no token for http://127.0.0.1:",
            "estream marketplace login");
        (await _data.RunAsync(["mirror", "oci:a", "oci:b", "--propose", "acme/components"])).AssertFailed(ExitCode.Failed,
            "--propose requires a git: address as TO.");
        _data.Input = Token;
        Assert.Equal(ExitCode.Ok, (await _data.RunAsync(["login", github.Address.AbsoluteUri])).Code);
        CliResult proposed = await _data.RunAsync(mirror);
        Assert.Equal((ExitCode.Ok, ""), (proposed.Code, proposed.Error));
        Assert.Equal("+ esf-iot 1.2.0  proposed: https://github.example/acme/components/pull/1", proposed.Lines[0]);
        GitHubRequest request = Assert.Single(github.Requests);
        Assert.Equal(("/repos/acme/components/pulls", "Bearer " + Token), (request.Path, request.Authorization));
        Assert.DoesNotContain(Token, proposed.Output, StringComparison.Ordinal);
    }

    private void Serve(string address) => File.WriteAllText(
        _data.ManifestPath, $"[components]\n[registries]\ndefault = \"{address}\"\n[trust]\ndefault = \"root.json\"\n");

    /// <summary>A web server that requires a token and records the tokens it received.</summary>
    private sealed class AskingServer : IDisposable
    {
        private readonly HttpListener _listener = new();
        private readonly string _folder;
        private readonly string? _token;
        private readonly Task _serving;

        public AskingServer(string folder, string? token)
        {
            (_folder, _token) = (folder, token);
            Origin = $"http://127.0.0.1:{FreePort.Next()}";
            _listener.Prefixes.Add(Address);
            _listener.Start();
            _serving = Task.Run(ServeAsync);
        }

        public string Origin { get; }

        public string Address => Origin + "/components/";

        public List<string?> Authorizations { get; } = [];

        public void Dispose()
        {
            // Call only Close: after Stop, Close would listen again for a moment and may find the port used.
            _listener.Close();
            _serving.Wait(ChildProcess.DefaultLimit);
        }

        private async Task ServeAsync()
        {
            try
            {
                while (_listener.IsListening)
                {
                    HttpListenerContext context = await _listener.GetContextAsync();
                    string? authorization = context.Request.Headers["Authorization"];
                    Authorizations.Add(authorization);
                    string file = Path.Combine(_folder, context.Request.Url!.AbsolutePath["/components/".Length..]);
                    bool isKnown = _token is null || authorization == $"Bearer {_token}";
                    context.Response.StatusCode = !isKnown ? 401 : File.Exists(file) ? 200 : 404;
                    if (context.Response.StatusCode == 200)
                    {
                        await context.Response.OutputStream.WriteAsync(await File.ReadAllBytesAsync(file));
                    }

                    context.Response.Close();
                }
            }
            catch (Exception stopped) when (stopped is HttpListenerException or InvalidOperationException)
            {
                // The test has ended.
            }
        }
    }
}
