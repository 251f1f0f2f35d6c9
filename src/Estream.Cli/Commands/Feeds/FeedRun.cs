using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net.Sockets;
using Estream.Wire.Tools.Feeds;

namespace Estream.Cli.Commands;

/// <summary>Parts shared by the feeds of all protocols: options, the connection check, and the display of a run.</summary>
internal static class FeedRun
{
    private static readonly TimeSpan s_connectLimit = TimeSpan.FromSeconds(10);

    public static async Task<int> RunAsync(CliContext context, IFeed feed, CancellationToken cancellation)
    {
        FeedDisplay display = new(context, feed);
        FeedCounts start = display.Count();
        Task run = feed.RunAsync(cancellation);
        FeedCounts end = await display.ShowAsync(run).ConfigureAwait(false);
        await run.ConfigureAwait(false);
        using StreamWriter text = new(context.Output, leaveOpen: true) { AutoFlush = true };
        await text.WriteLineAsync(end.Summary(start)).ConfigureAwait(false);
        if (feed.FirstRefusal is { } reason)
        {
            await text.WriteLineAsync($"first refusal: {Marketplace.WorkspaceText.Plain(reason)}").ConfigureAwait(false);
        }

        return end.Refused == 0 ? ExitCode.Ok : ExitCode.No;
    }

    // A feed retries its connection forever, so check first: the user may have forgotten to start the host.
    public static async Task RequireServerAsync(string host, int port, CancellationToken cancellation)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(s_connectLimit);
        try
        {
            using TcpClient client = new();
            await client.ConnectAsync(host, port, limit.Token).ConfigureAwait(false);
        }
        catch (SocketException e)
        {
            throw new CliException(
                $"Cannot connect to {host}:{port} ({e.Message}). Start a host with 'estream host run', or name another server with "
                + "--host and --port.");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new CliException($"{host}:{port} did not answer within {s_connectLimit.TotalSeconds:0} s. Check --host and --port.");
        }
    }

    public static Option<string> Host() => new("--host") { Description = "The host name or address of the "
        + "server.", DefaultValueFactory = _ => "127.0.0.1" };

    public static Option<long> Count()
    {
        Option<long> count = new("--count")
        {
            Description = "The number of messages to send; 0 for no limit.",
            DefaultValueFactory = _ => 0,
        };
        count.Validators.Add(result => Require(result.GetValueOrDefault<long>() >= 0, result, "--count takes 0 or more messages."));
        return count;
    }

    /// <summary>Creates the option --rate, which requires a value above 0.</summary>
    public static Option<double> Rate(double byDefault, int most)
    {
        Option<double> rate = new("--rate") { Description = "Messages per second.", DefaultValueFactory = _ => byDefault };
        rate.Validators.Add(result => Require(
            result.GetValueOrDefault<double>() is double value && value > 0 && value <= most, result,
            $"--rate takes more than 0 and at most {most} messages per second."));
        return rate;
    }

    public static Option<int> Number(string name, string description, int byDefault, int least, int most)
    {
        Option<int> option = new(name) { Description = description, DefaultValueFactory = _ => byDefault, HelpName = "N" };
        option.Validators.Add(result => Require(
            result.GetValueOrDefault<int>() is int value && value >= least && value <= most, result, $"{name} takes {least} to {most}."));
        return option;
    }

    public static void Require(bool isFine, OptionResult result, string message)
    {
        if (!isFine)
        {
            result.AddError(message);
        }
    }
}
