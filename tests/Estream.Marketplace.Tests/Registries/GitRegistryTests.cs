using System.Text.Json;
using Estream.Core;
using Estream.Esf.Schema;
using Estream.Marketplace.Files;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Registries.Git;
using Estream.Testing;
using static Estream.Marketplace.Tests.Registries.SampleReleases;

namespace Estream.Marketplace.Tests.Registries;

/// <summary>A registry in a bare Git repository of this machine.</summary>
public sealed class GitRegistryTests : RegistryContract, IDisposable
{
    private static readonly CancellationToken s_none = CancellationToken.None;

    private readonly TempDirectory _folder = new();
    private readonly List<GitRegistry> _opened = [];

    public GitRegistryTests() => Git("init", "--quiet", "--bare", "--initial-branch=main", Remote);

    private string Remote => _folder.Combine("remote.git");

    public void Dispose()
    {
        _opened.ForEach(registry => registry.Dispose());
        _folder.Dispose();
    }

    [Fact]
    public async Task Concurrent_publications_lose_nothing()
    {
        GitRegistry first = OpenGit(), second = OpenGit();
        await Task.WhenAll(Enumerable.Range(0, 3).SelectMany(number => new[]
        {
            first.PublishAsync(Of(Card, $"1.{number}.0"), s_none).AsTask(),
            second.PublishAsync(Of(Card, $"2.{number}.0"), s_none).AsTask(),
        }));
        Assert.Equal(6, (await Open().ListAsync(Card, s_none)).Count);
        Assert.Equal("6", Git("-C", Remote, "rev-list", "--count", "main").Trim());
    }

    [Fact]
    public async Task Proposed_release_is_not_listed_before_the_merge()
    {
        await Open().PublishAsync(Of(Iot, "1.2.3"), s_none);
        using GitHubDouble github = new();
        using GitHubPullRequests pulls = new(github.Address, "acme", "components", () => "secret-token");
        GitRegistry registry = OpenGit(pulls);
        PublishResult result = await registry.PublishAsync(Of(Card, "1.0.0"), s_none);
        Assert.Equal(new PublishResult(PublishOutcome.Proposed, "https://github.example/acme/components/pull/1"), result);
        GitHubRequest request = Assert.Single(github.Requests);
        Assert.Equal(("POST", "/repos/acme/components/pulls", "Bearer secret-token"),
            (request.Method, request.Path, request.Authorization));
        Assert.Contains("\"head\":\"publish/acme/card-1.0.0\"", request.Body, StringComparison.Ordinal);
        Assert.Contains("\"base\":\"main\"", request.Body, StringComparison.Ordinal);
        Assert.Empty(await Open().ListAsync(Card, s_none));

        // The registry opens no pull request for renewed bundles, which change daily.
        await registry.RenewBundlesAsync(Iot, [new RegistryBundle(SemanticVersion.Parse("1.2.3"), new byte[] { 1 })], s_none);
        Assert.Single(github.Requests);

        // After the maintainer merges the branch, every registry that fetches again has the release.
        Git("-C", Remote, "update-ref", "refs/heads/main", "refs/heads/publish/acme/card-1.0.0");
        await registry.RefreshAsync(s_none);
        Assert.Single(await registry.ListAsync(Card, s_none));
        Assert.Single(await Open().ListAsync(Iot, s_none));
    }

    [Theory]
    [InlineData(401, RegistryFault.Forbidden)]
    [InlineData(403, RegistryFault.Forbidden)]
    [InlineData(500, RegistryFault.Unavailable)]
    [InlineData(302, RegistryFault.Unavailable)]
    public async Task Refused_pull_request_is_reported_without_the_token(int status, RegistryFault expected)
    {
        using GitHubDouble github = new() { Status = status };
        using GitHubPullRequests pulls = new(github.Address, "acme", "components", () => "secret-token");
        EstreamRegistryException error =
            await Assert.ThrowsAsync<EstreamRegistryException>(() => OpenGit(pulls).PublishAsync(Of(Card, "1.0.0"), s_none).AsTask());
        Assert.Equal(expected, error.Fault);
        Assert.DoesNotContain("secret-token", error.ToString(), StringComparison.Ordinal);
        Assert.Single(github.Requests);
    }

    [Theory]
    [InlineData("javascript:alert(1)")]
    [InlineData("file:///etc/passwd")]
    [InlineData("acme/components/pull/1")]
    public async Task Pull_request_address_that_is_not_http_is_not_shown(string address)
    {
        using GitHubDouble github = new() { Shows = address };
        using GitHubPullRequests pulls = new(github.Address, "acme", "components", () => "secret-token");
        EstreamRegistryException error =
            await Assert.ThrowsAsync<EstreamRegistryException>(() => OpenGit(pulls).PublishAsync(Of(Card, "1.0.0"), s_none).AsTask());
        Assert.DoesNotContain(address, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Existing_pull_request_of_the_branch_is_returned()
    {
        using GitHubDouble github = new() { Status = 422 };
        using GitHubPullRequests pulls = new(github.Address, "acme", "components", () => "secret-token");
        PublishResult result = await OpenGit(pulls).PublishAsync(Of(Card, "1.0.0"), s_none);
        Assert.Equal("https://github.example/acme/components/pull/7", result.Address);
        Assert.Equal(["POST", "GET"], github.Requests.Select(request => request.Method));
    }

    [Fact]
    public async Task Proposals_of_two_components_use_different_branches()
    {
        using GitHubDouble github = new();
        using GitHubPullRequests pulls = new(github.Address, "acme", "components", () => "secret-token");
        GitRegistry registry = OpenGit(pulls);
        foreach (string name in new[] { "@acme/card-reader", "@acme-card/reader", "acme-card-reader", "acme" })
        {
            await registry.PublishAsync(Of(ComponentName.Parse(name), "1.0.0"), s_none);
        }

        string[] heads =
            [.. github.Requests.Select(request => JsonDocument.Parse(request.Body).RootElement.GetProperty("head").GetString()!)];
        Assert.Equal(4, heads.Distinct().Count());
        Assert.All(heads, head => Assert.Equal("1", Git("-C", Remote, "rev-list", "--count", head).Trim()));
    }

    [Fact]
    public async Task Control_characters_of_the_remote_are_removed_from_messages()
    {
        string hook = Path.Combine(Remote, "hooks", "pre-receive");
        Directory.CreateDirectory(Path.GetDirectoryName(hook)!);
        WriteProgram(hook, "#!/bin/sh\nprintf '\\033[2JNobody may' >&2\nhead -c 5000 /dev/zero | tr '\\0' x >&2\nexit 1\n");
        EstreamRegistryException error =
            await Assert.ThrowsAsync<EstreamRegistryException>(() => Open().PublishAsync(Of(Card, "1.0.0"), s_none).AsTask());
        Assert.Contains("Nobody may", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(error.Message, char.IsControl);
        Assert.InRange(error.Message.Length, 1, 2_000);
    }

    [Fact]
    public async Task Links_and_large_files_of_a_repository_are_not_read()
    {
        string work = _folder.Combine("work");
        Git("clone", "--quiet", Remote, work);
        Directory.CreateDirectory(Path.Combine(work, "index", "@acme"));
        File.CreateSymbolicLink(Path.Combine(work, "index", "@acme", "card.json"), "/etc/passwd");
        Git("-C", work, "add", "-A");
        Git("-C", work, "-c", "user.name=x", "-c", "user.email=x@x", "commit", "--quiet", "-m", "A link");
        Git("-C", work, "push", "--quiet", "origin", "HEAD:main");
        EstreamRegistryException error = await Assert.ThrowsAsync<EstreamRegistryException>(() => Open().ListAsync(Card, s_none).AsTask());
        Assert.Equal(RegistryFault.Malformed, error.Fault);
        Assert.DoesNotContain("root:", error.Message, StringComparison.Ordinal);

        // The registry reads the size of a file first, and reads no content of a file that is too large.
        File.Delete(Path.Combine(work, "index", "@acme", "card.json"));
        using (FileStream large = File.Create(Path.Combine(work, "index", "@acme", "card.json")))
        {
            large.SetLength(RegistryLimits.MaxIndexBytes + 1);
        }

        Git("-C", work, "-c", "user.name=x", "-c", "user.email=x@x", "commit", "--quiet", "-a", "-m", "A large file");
        Git("-C", work, "push", "--quiet", "origin", "HEAD:main");
        Assert.Contains("the limit is",
            (await Assert.ThrowsAnyAsync<EstreamException>(() => Open().ListAsync(Card, s_none).AsTask())).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fetch_above_the_limit_is_deleted()
    {
        await Open().PublishAsync(Of(Card, "1.0.0"), s_none);
        string cache = _folder.Combine("small");

        // The script adds all its data at once at the end of the fetch, after the watcher has polled the size for the last time.
        string program = Script("sudden-git", """
            #!/bin/sh
            /usr/bin/git "$@"
            code=$?
            case " $* " in
            *" fetch "*) truncate -s 3000000 "$GIT_DIR/objects/sudden" ;;
            esac
            exit $code

            """);
        using (GitRegistry registry =
            new(new GitRegistryOptions { Remote = Remote, CacheDirectory = cache, MaxFetchBytes = 2_000_000, GitProgram = program }))
        {
            EstreamContentException error =
                await Assert.ThrowsAsync<EstreamContentException>(() => registry.ListAsync(Card, s_none).AsTask());
            Assert.Contains("2000000 bytes", error.Message, StringComparison.Ordinal);
            Assert.False(Directory.Exists(cache));
        }

        // A cache whose old data exceeds the limit is deleted before the fetch, so the old data does not count against the new fetch.
        using GitRegistry larger = new(new GitRegistryOptions { Remote = Remote, CacheDirectory = cache, MaxFetchBytes = 1 << 20 });
        Assert.Single(await larger.ListAsync(Card, s_none));
        File.WriteAllBytes(Path.Combine(cache, "objects", "of-before"), new byte[(1 << 20) + 1]);
        await larger.RefreshAsync(s_none);
        Assert.Single(await larger.ListAsync(Card, s_none));
        Assert.False(File.Exists(Path.Combine(cache, "objects", "of-before")));
    }

    [Fact]
    public async Task Endless_fetch_is_ended()
    {
        await Open().PublishAsync(Of(Card, "1.0.0"), s_none);
        // The script writes about a hundred times the limit and then ends. If the limit failed, an endless script would fill the disk.
        string wasLet = _folder.Combine("was-let");
        string program = Script("endless-git", $"""
            #!/bin/sh
            case " $* " in
            *" fetch "*) for piece in $(seq 1000); do head -c 100000 /dev/zero >> "$GIT_DIR/objects/endless"; sleep 0.01; done; touch '{wasLet}' ;;
            esac
            exec /usr/bin/git "$@"

            """);
        string cache = _folder.Combine("endless");
        using GitRegistry registry =
            new(new GitRegistryOptions { Remote = Remote, CacheDirectory = cache, GitProgram = program, MaxFetchBytes = 1 << 20 });
        await Assert.ThrowsAsync<EstreamContentException>(() => registry.ListAsync(Card, s_none).AsTask());
        Assert.False(Directory.Exists(cache));
        Assert.False(File.Exists(wasLet));
    }

    [Fact]
    public async Task Git_gets_no_GIT_variables_of_the_caller_except_the_allowed_ones()
    {
        await Open().PublishAsync(Of(Card, "1.0.0"), s_none);
        string told = _folder.Combine("told");
        string program = Script("git-that-tells", $"""
            #!/bin/sh
            env >> '{told}'
            exec /usr/bin/git "$@"

            """);

        // Sets variables of Git, as in a Git hook. These two variables do not affect Git in concurrent tests.
        const string Foreign = "GIT_MERGE_VERBOSITY", Wanted = "GIT_SSH_COMMAND";
        Environment.SetEnvironmentVariable(Foreign, "2");
        Environment.SetEnvironmentVariable(Wanted, "ssh");
        try
        {
            using GitRegistry registry =
                new(new GitRegistryOptions { Remote = Remote, CacheDirectory = _folder.Combine("surroundings"), GitProgram = program });
            Assert.Single(await registry.ListAsync(Card, s_none));
        }
        finally
        {
            Environment.SetEnvironmentVariable(Foreign, null);
            Environment.SetEnvironmentVariable(Wanted, null);
        }

        string[] names = [.. File.ReadAllLines(told).Select(line => line.Split('=', 2)[0])
            .Where(name => name.StartsWith("GIT_", StringComparison.Ordinal)).Distinct().Order(StringComparer.Ordinal)];
        Assert.Equal(
            ["GIT_AUTHOR_EMAIL", "GIT_AUTHOR_NAME", "GIT_COMMITTER_EMAIL", "GIT_COMMITTER_NAME", "GIT_DIR", "GIT_INDEX_FILE", Wanted,
                "GIT_TERMINAL_PROMPT"], names);
        Assert.Contains($"GIT_DIR={_folder.Combine("surroundings")}", File.ReadAllLines(told));
    }

    [Theory]
    [InlineData("--upload-pack=touch /tmp/x", "main")]
    [InlineData("ext::sh -c id", "main")]
    [InlineData("", "main")]
    [InlineData("/srv/x.git", "-x")]
    [InlineData("/srv/x.git", "a b")]
    public void Constructor_throws_for_an_address_that_Git_could_take_for_an_option_or_command(string remote, string branch) =>
        Assert.Throws<ArgumentException>(() =>
            new GitRegistry(new GitRegistryOptions { Remote = remote, Branch = branch, CacheDirectory = _folder.Combine("x") }));

    [Fact]
    public async Task Missing_repository_is_reported()
    {
        using GitRegistry registry =
            new(new GitRegistryOptions { Remote = _folder.Combine("nothing.git"), CacheDirectory = _folder.Combine("cache-of-nothing") });
        EstreamRegistryException error =
            await Assert.ThrowsAsync<EstreamRegistryException>(() => registry.ListAsync(Card, s_none).AsTask());
        Assert.Equal(RegistryFault.Unavailable, error.Fault);
        using GitRegistry without =
            new(new GitRegistryOptions { Remote = Remote, CacheDirectory = _folder.Combine("cache"), GitProgram = "no-such-program" });
        error = await Assert.ThrowsAsync<EstreamRegistryException>(() => without.ListAsync(Card, s_none).AsTask());
        Assert.Contains("no-such-program", error.Message, StringComparison.Ordinal);
    }

    private string Script(string name, string text)
    {
        string program = _folder.Combine(name);
        WriteProgram(program, text);
        return program;
    }

    // A shell writes the file: a program that this process has open for writing cannot be started, and a child that another test is
    // starting has the file open for a moment longer.
    private static void WriteProgram(string path, string text) => ChildProcess.Run(
        "/bin/sh", ["-c", "printf '%s' \"$1\" > \"$2\" && chmod 700 \"$2\"", "sh", text, path]).EnsureSuccess();

    private protected override IComponentRegistry Open() => OpenGit();

    private static string Git(params string[] arguments) => ChildProcess.Run(Peer.Require("/usr/bin/git", "git"), arguments)
        .EnsureSuccess().Output;

    private GitRegistry OpenGit(IPullRequests? pulls = null)
    {
        GitRegistry registry = new(new GitRegistryOptions
        {
            Remote = Remote,
            CacheDirectory = _folder.Combine($"cache-{_opened.Count}"),
            PullRequests = pulls,
        });
        _opened.Add(registry);
        return registry;
    }
}
