using System.CommandLine;
using Estream.Wire;
using Estream.Wire.Tools.Feeds;

namespace Estream.Cli.Commands;

/// <summary>`estream feed fhir`: simulates a hospital system that writes resources to a FHIR server.</summary>
internal static class FhirFeedCommand
{
    private const string DefaultUrl = "http://127.0.0.1:8094/fhir";
    private const double DefaultRate = 10;
    private const int MaxRate = 10_000;
    private const int MaxConnections = 100;

    public static Command Create(CliContext context)
    {
        Option<string> url = new("--url")
        {
            Description = "The URL of the server.",
            HelpName = "URL",
            DefaultValueFactory = _ => DefaultUrl,
        };
        url.Validators.Add(result => FeedRun.Require(
            Uri.TryCreate(result.GetValueOrDefault<string>(), UriKind.Absolute, out Uri? server) && server.Scheme is "http" or "https"
                && server!.UserInfo.Length == 0,
            result, $"--url takes an http or https URL without user info, such as {DefaultUrl}."));
        Option<string?> tokenFile = new("--token-file") { Description = "The file with the bearer token, of mode 600.", HelpName = "FILE" };
        Option<int> connections = FeedRun.Number("--connections", "The number of requests in flight.", 1, 1, MaxConnections);
        Option<double> rate = FeedRun.Rate(DefaultRate, MaxRate);
        Option<long> count = FeedRun.Count();
        Command command = new("fhir",
            "Writes invented patients and laboratory results to a FHIR R4 server. Repeats a request until the server answers. Exit code 1 "
            + "if resources are refused. Example: estream feed fhir --url http://127.0.0.1:8094/fhir --count 100")
        {
            url, tokenFile, connections, rate, count,
        };
        ServerTlsOptions tls = new(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            FhirFeedOptions wanted = new()
            {
                Url = new Uri(parsed.GetRequiredValue(url)),
                Tls = tls.Read(parsed),
                Token = parsed.GetValue(tokenFile) is { } file ? WireSecret.FromFile(file) : null,
                Connections = parsed.GetValue(connections),
                MessagesPerSecond = parsed.GetValue(rate),
                MaxMessages = parsed.GetValue(count),
            };
            await FeedRun.RequireServerAsync(wanted.Url.Host, wanted.Url.Port, cancellation).ConfigureAwait(false);
            return await FeedRun.RunAsync(context, new FhirFeed(wanted, context.Clock), cancellation).ConfigureAwait(false);
        });
        return command;
    }
}
