using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Registries;

/// <summary>Answers as GitHub's interface for pull requests does, and remembers what it was asked.</summary>
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

    /// <summary>What it answers when a pull request is opened.</summary>
    public int Status { get; init; } = 201;

    /// <summary>Where it says that a pull request is seen.</summary>
    public string Shows { get; init; } = "https://github.example/acme/components/pull/1";

    public ConcurrentQueue<GitHubRequest> Requests { get; } = [];

    public void Dispose()
    {
        // Closing what was stopped before would listen once more, for a moment, and may find the port taken.
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

/// <summary>What was asked.</summary>
internal sealed record GitHubRequest(string Method, string Path, string Authorization, string Body);
