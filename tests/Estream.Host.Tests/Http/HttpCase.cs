using System.Net;
using Estream.Crypto;
using Estream.Host.Components;
using Estream.Host.Configuration;
using Estream.Host.Http;
using Estream.Host.Metrics;
using Estream.Host.Runtime;
using Estream.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Estream.Host.Tests.Http;

/// <summary>Only the HTTP side of the host, on a real socket.</summary>
internal sealed class HttpCase : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly TempDirectory _root;

    private HttpCase(WebApplication app, TempDirectory root)
    {
        _app = app;
        _root = root;
        Addresses = [.. app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses];
        Address = new Uri(Addresses[0]);
        Client = new HttpClient { BaseAddress = Address };
    }

    /// <summary>The addresses of all listeners, the main one first.</summary>
    public IReadOnlyList<string> Addresses { get; }

    public Uri Address { get; }

    public HttpClient Client { get; }

    public IServiceProvider Services => _app.Services;

    /// <summary>The data folder.</summary>
    public string Data => _root.Combine("data");

    public EventHub Hub => _app.Services.GetRequiredService<EventHub>();

    /// <summary>Starts the HTTP server. If neither a token nor a role is given, requests from this machine have the administrator
    /// role.</summary>
    public static async Task<HttpCase> StartAsync(
        IHostView? view = null, string? token = null, bool withConsole = false, AccessRole? role = null, string? tokens = null,
        Func<HttpSettings, HttpSettings>? with = null, ComponentWorkspace? components = null)
    {
        TempDirectory root = new();
        if (withConsole)
        {
            Directory.CreateDirectory(root.Combine("wwwroot", "assets"));
            File.WriteAllText(root.Combine("wwwroot", "index.html"), "<!doctype html><title>Estream</title>");
            File.WriteAllText(root.Combine("wwwroot", "assets", "index-abc.js"), "export {};");
            File.WriteAllBytes(root.Combine("wwwroot", "assets", "index-abc.js.br"), "brotli"u8);
            File.WriteAllBytes(root.Combine("wwwroot", "assets", "index-abc.js.gz"), "gzip"u8);
        }

        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = root.Path });
        HttpSettings settings = new(IPAddress.Loopback, 0, token)
        {
            LoopbackRole = role ?? (token is null ? AccessRole.Admin : AccessRole.None), TokensFile = tokens,
        };
        settings = with?.Invoke(settings) ?? settings;
        builder.AddHttp(settings);
        if (settings.Socket is { } socket && !OperatingSystem.IsWindows())
        {
            SocketFolder folder = new((socket, "Estream:Http:Socket"));
            builder.Services.AddHostedService(_ => folder);
        }

        builder.Services.AddSingleton(view ?? new FakeView());
        builder.Services.AddSingleton(new HostConfiguration
        {
            Data = new DataLayout(root.Combine("data")), Components = components,
        });
        builder.Services.AddSingleton<MetricRegistry>();
        WebApplication app = builder.Build();
        app.UseHttp(settings);
        await app.StartAsync();
        return new HttpCase(app, root);
    }

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
        _root.Dispose();
    }
}
