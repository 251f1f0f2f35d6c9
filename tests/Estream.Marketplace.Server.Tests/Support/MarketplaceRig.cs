using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using Estream.Core;
using Estream.Crypto;
using Estream.Esf.Schema;
using Estream.Host;
using Estream.Host.Configuration;
using Estream.Marketplace.Publishing;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Namespaces;
using Estream.Marketplace.Trust.Roles;
using Estream.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Estream.Marketplace.Server.Tests.Support;

/// <summary>A host whose configuration has only the section of the marketplace, on a real socket. <c>@acme</c> has an owner, and themes
/// are published without review.</summary>
internal sealed class MarketplaceRig : IAsyncDisposable
{
    public const string RegistryName = "components.example.org/main";

    private readonly TempDirectory _root = new();
    private readonly Dictionary<string, string> _settings = [];
    private WebApplication? _app;

    private MarketplaceRig()
    {
        Observer = new ObservingHandler(new SocketsHttpHandler { AllowAutoRedirect = false });
    }

    public DocumentSigner Owner { get; } = DocumentSigner.Generate();

    public DocumentSigner Stranger { get; } = DocumentSigner.Generate();

    public DocumentSigner Reviewer { get; } = DocumentSigner.Generate();

    public DocumentSigner SecondReviewer { get; } = DocumentSigner.Generate();

    public ObservingHandler Observer { get; }

    public HttpClient Client { get; private set; } = new();

    public string Folder => _root.Combine("registry");

    public string Database => _root.Combine("marketplace.db");

    public string TokensFile => _root.Combine("data", "tokens");

    public string RootPath => _root.Path;

    public MarketplaceServer Server => _app!.Services.GetRequiredService<MarketplaceServer>();

    /// <summary>Creates the registry and starts the host.</summary>
    /// <param name="policies">The number of approvals by the two reviewers, by category of components.</param>
    /// <param name="settings">Further settings of the section.</param>
    public static async Task<MarketplaceRig> StartAsync(Dictionary<string, int>? policies = null,
        params (string Key, string Value)[] settings)
    {
        MarketplaceRig rig = new();
        foreach ((string key, string value) in settings)
        {
            rig._settings[key] = value;
        }

        await rig.CreateAsync(policies ?? []);
        await rig.RunAsync();
        return rig;
    }

    public string Token(params string[] grants) => Token(TimeSpan.FromDays(1), grants);

    public string Token(TimeSpan lifetime, params string[] grants)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(TokensFile)!);
        return AccessTokenFile.Create(TokensFile, $"t{RandomNumberGenerator.GetHexString(8)}", AccessRole.Viewer, lifetime,
            DateTimeOffset.UtcNow, null, AccessGrants.Create(grants));
    }

    /// <summary>Stops the host and starts it again on the same folders.</summary>
    public async Task RestartAsync(Func<Task>? between = null)
    {
        await StopAsync();
        if (between is not null)
        {
            await between();
        }

        await RunAsync();
    }

    public async Task StopAsync()
    {
        await _app!.StopAsync();
        await _app.DisposeAsync();
        _app = null;
    }

    public Task<HttpResponseMessage> GetAsync(string path, string? token = null, string? tag = null)
    {
        HttpRequestMessage request = new(HttpMethod.Get, path);
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        if (tag is not null)
        {
            request.Headers.TryAddWithoutValidation("If-None-Match", tag);
        }

        return Client.SendAsync(request);
    }

    public Task<HttpResponseMessage> PostAsync(string path, string? token, HttpContent? content, string? key = null)
    {
        HttpRequestMessage request = new(HttpMethod.Post, path) { Content = content };
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        if (key is not null)
        {
            request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        }

        return Client.SendAsync(request);
    }

    public Task<HttpResponseMessage> SubmitAsync(SignedRelease release, string? token, string category = "themes", string? key = null) =>
        PostAsync($"/api/v1/marketplace/{category}/items", token, Form(release.Bytes, release.Entry), key);

    public static MultipartFormDataContent Form(ReadOnlyMemory<byte>? package, ReadOnlyMemory<byte>? entry, string? digest = null)
    {
        MultipartFormDataContent form = [];
        if (package is { } bytes)
        {
            form.Add(new ReadOnlyMemoryContent(bytes), "package", "package.escx");
        }

        if (entry is { } envelope)
        {
            form.Add(new ReadOnlyMemoryContent(envelope), "entry", "entry.json");
        }

        if (digest is not null)
        {
            form.Add(new StringContent(digest), "package_sha256");
        }

        return form;
    }

    public static async Task<JsonElement> ReadAsync(HttpResponseMessage response)
    {
        using JsonDocument document = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync());
        return document.RootElement.Clone();
    }

    /// <summary>Requires a problem with a code.</summary>
    public static async Task RefusedAsync(int status, string code, Task<HttpResponseMessage> answer)
    {
        using HttpResponseMessage response = await answer;
        string text = await response.Content.ReadAsStringAsync();
        Assert.True((int)response.StatusCode == status, $"{(int)response.StatusCode} {text}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        using JsonDocument problem = JsonDocument.Parse(text);
        Assert.Equal(code, problem.RootElement.GetProperty("code").GetString());
        Assert.Equal(status, problem.RootElement.GetProperty("status").GetInt32());
    }

    /// <summary>Requires a status.</summary>
    public static async Task<JsonElement> AnsweredAsync(int status, Task<HttpResponseMessage> answer)
    {
        using HttpResponseMessage response = await answer;
        byte[] body = await response.Content.ReadAsByteArrayAsync();
        Assert.True((int)response.StatusCode == status, $"{(int)response.StatusCode} {System.Text.Encoding.UTF8.GetString(body)}");
        return body.Length == 0 || response.Content.Headers.ContentType?.MediaType?.EndsWith("json", StringComparison.Ordinal) != true
            ? default : JsonDocument.Parse(body).RootElement.Clone();
    }

    public SignedRelease Sign(Estream.Marketplace.Packages.Package package, string? before = null, DocumentSigner? signer = null) =>
        SignedRelease.Sign(package, before, null, signer ?? Owner);

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await StopAsync();
        }

        Client.Dispose();
        Owner.Dispose();
        Stranger.Dispose();
        Reviewer.Dispose();
        SecondReviewer.Dispose();
        _root.Dispose();
    }

    private async Task CreateAsync(Dictionary<string, int> policies)
    {
        _ = await RegistryInitializer.CreateAsync(Folder, RegistryName, SystemClock.Instance, CancellationToken.None);
        using RegistryOperator registry = await RegistryOperator.OpenAsync(Folder, SystemClock.Instance, CancellationToken.None);
        NamespaceName acme = NamespaceName.Of(ComponentName.Parse("@acme/card"));
        _ = await registry.SubmitAsync(
            new NamespaceRecord(acme, 1, [Owner.Key], 1, DateTimeOffset.UtcNow.AddYears(1)).Sign(Owner).ToJson(), CancellationToken.None);
        if (policies.Count == 0)
        {
            return;
        }

        using DocumentSigner targets = DocumentSigner.Load(Path.Combine(Folder, "keys", "targets.key"));
        await registry.ChangePolicyAsync(
            before =>
            {
                Dictionary<string, CategoryPolicy> categories = new(before.Categories);
                foreach ((string category, int approvals) in policies)
                {
                    categories[category] = new CategoryPolicy(approvals, [Reviewer.Key, SecondReviewer.Key], TrustTier.Verified);
                }

                return before with { Categories = categories };
            }, [targets], CancellationToken.None);
    }

    private async Task RunAsync()
    {
        Dictionary<string, object> section = new(_settings.ToDictionary(pair => pair.Key, pair => (object)pair.Value))
        {
            ["Registry"] = Folder,
        };
        File.WriteAllText(_root.Combine("estream.json"),
            JsonSerializer.Serialize(new { Estream = new { Http = new { LoopbackRole = "none" }, Marketplace = section } }));
        Dictionary<string, string> variables = new() { ["ESTREAM_DATA"] = _root.Combine("data"), ["ESTREAM_HTTP_PORT"] = "0" };
        LoadedConfiguration configuration = LoadedConfiguration.Load(_root.Combine("estream.json"), variables.GetValueOrDefault);
        _app = HostApplication.Build(configuration, variables.GetValueOrDefault);
        await _app.StartAsync();
        Client.Dispose();
        Client = new HttpClient(Observer, disposeHandler: false) { BaseAddress = new Uri(_app.Urls.First()) };
    }
}
