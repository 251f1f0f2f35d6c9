using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Registries;

/// <summary>A test double of GitHub's API for pull requests that records its requests.</summary>
internal sealed class GitHubDouble : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Task _serving;

    public GitHubDouble()
    {
        Address = new Uri($"http://127.0.0.1:{FreePort.Next()}/");
        _listener.Prefixes.Add(Address.AbsoluteUri);
        _listener.Start();
        _serving = Task.Run(ServeAsync);
    }

    public Uri Address { get; }

    /// <summary>The status of the answer when a pull request is opened.</summary>
    public int Status { get; init; } = 201;

    /// <summary>The address of the pull request.</summary>
    public string Shows { get; init; } = "https://github.example/acme/components/pull/1";

    public ConcurrentQueue<GitHubRequest> Requests { get; } = [];

    public void Dispose()
    {
        // Do not call Stop before Close: Close would then listen again for a moment, and another process may have taken the port.
        _listener.Close();
        _serving.Wait(ChildProcess.DefaultLimit);
    }

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                await AnswerAsync(await _listener.GetContextAsync());
            }
            catch (Exception stopped) when (stopped is HttpListenerException or InvalidOperationException)
            {
                return;
            }
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        using StreamReader reader = new(context.Request.InputStream, Encoding.UTF8);
        Requests.Enqueue(
            new GitHubRequest(context.Request.HttpMethod, context.Request.Url!.AbsolutePath, context.Request.Headers["Authorization"] ?? "",
                await reader.ReadToEndAsync()));
        bool isList = context.Request.HttpMethod == "GET";
        context.Response.StatusCode = isList ? 200 : Status;
        if (Status == 302)
        {
            context.Response.RedirectLocation = Address.AbsoluteUri + "elsewhere";
        }

        string body = isList ? "[{\"html_url\":\"https://github.example/acme/components/pull/7\"}]"
            : Status == 201 ? $"{{\"number\":1,\"html_url\":\"{Shows}\"}}" : "{\"message\":\"No.\"}";
        await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(body));
        context.Response.Close();
    }
}

/// <summary>A recorded request.</summary>
internal sealed record GitHubRequest(string Method, string Path, string Authorization, string Body);
