using System.CommandLine;
using System.Text.Json;
using Estream.Cli.Output;
using Estream.Wire;
using Estream.Wire.Fhir;

namespace Estream.Cli.Commands.Fhir;

/// <summary>`estream fhir`: reads and writes resources of a FHIR server, without a host.</summary>
internal static class FhirCommand
{
    private const int MaxBodyBytes = 64 << 20;
    private const int MaxTimeoutSeconds = 600;

    public static Command Create(CliContext context) => new("fhir",
        "Reads and writes resources of a FHIR R4 server. Example: estream fhir get http://127.0.0.1:8094/fhir/Patient/1")
    {
        CreateGet(context),
        CreatePut(context),
    };

    private static Command CreateGet(CliContext context)
    {
        FhirTarget target = new("The URL of a resource, a history or a search.");
        Option<bool> json = SharedOptions.Json();
        Command command = new("get",
            "Prints the answer of a FHIR server as it is. Exit code 1 if the server refuses. Example: "
            + "estream fhir get 'http://127.0.0.1:8094/fhir/Observation?code=718-7'");
        target.AddTo(command);
        command.Options.Add(json);
        command.SetAction(async (parsed, cancellation) =>
        {
            using FhirRestClient client = target.Connect(parsed, MaxBodyBytes);
            FhirRestResponse response = await client.SendAsync(HttpMethod.Get, target.PathOf(parsed), cancellation: cancellation)
                .ConfigureAwait(false);
            return Show(context, response, parsed.GetValue(json));
        });
        return command;
    }

    private static Command CreatePut(CliContext context)
    {
        FhirTarget target = new("The URL of the resource, such as http://127.0.0.1:8094/fhir/Patient/1.");
        Option<string?> file = new("--file")
        {
            Description = "The file with the resource in JSON. Default: standard input.",
            HelpName = "FILE",
        };
        Option<string?> ifMatch = new("--if-match")
        {
            Description = "Write only if the resource has this version, such as W/\"1\".",
            HelpName = "ETAG",
        };
        Option<bool> json = SharedOptions.Json();
        Command command = new("put",
            "Creates or updates a resource, and prints the stored resource. Exit code 1 if the server refuses. Example: "
            + "estream fhir put http://127.0.0.1:8094/fhir/Patient/1 --file patient.json");
        target.AddTo(command);
        foreach (Option option in (Option[])[file, ifMatch, json])
        {
            command.Options.Add(option);
        }

        command.SetAction(async (parsed, cancellation) =>
        {
            byte[] body = await ReadAsync(context, parsed.GetValue(file), cancellation).ConfigureAwait(false);
            using FhirRestClient client = target.Connect(parsed, MaxBodyBytes);
            KeyValuePair<string, string>[] headers = parsed.GetValue(ifMatch) is { } version ? [new("If-Match", version)] : [];
            FhirRestResponse response = await client.SendAsync(HttpMethod.Put, target.PathOf(parsed), body, headers, cancellation)
                .ConfigureAwait(false);
            return Show(context, response, parsed.GetValue(json));
        });
        return command;
    }

    private static async Task<byte[]> ReadAsync(CliContext context, string? file, CancellationToken cancellation)
    {
        try
        {
            using Stream input = file is null ? context.Input : File.OpenRead(file);
            using MemoryStream body = new();
            await input.CopyToAsync(body, cancellation).ConfigureAwait(false);
            return body.Length > 0 ? body.ToArray() : throw new CliException("The resource is empty. Name a file with --file.");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"The resource cannot be read: {failure.Message}");
        }
    }

    private static int Show(CliContext context, FhirRestResponse response, bool isJson)
    {
        using LineWriter lines = new(context.Output);
        if (isJson)
        {
            lines.WriteObject(writer =>
            {
                writer.WriteNumber("status"u8, response.Status);
                writer.WriteString("etag"u8, response.ETag);
                if (IsJson(response.Body))
                {
                    writer.WritePropertyName("body"u8);
                    writer.WriteRawValue(response.Body.Span);
                }
            });
        }
        else
        {
            lines.WriteLine(response.Body.IsEmpty ? $"status {response.Status}"
                : System.Text.Encoding.UTF8.GetString(response.Body.Span));
        }

        return response.IsSuccess ? ExitCode.Ok : ExitCode.No;
    }

    private static bool IsJson(ReadOnlyMemory<byte> body)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(body);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>The argument and options that say which server a command talks to.</summary>
    private sealed class FhirTarget(string description)
    {
        private readonly Argument<string> _url = new("URL") { Description = description };
        private readonly Option<string?> _tokenFile = new("--token-file")
        {
            Description = "The file with the bearer token, of mode 600.",
            HelpName = "FILE",
        };
        private readonly Option<int> _timeout =
            FeedRun.Number("--timeout", "The time to wait for the answer, in seconds.", 30, 1, MaxTimeoutSeconds);
        private ServerTlsOptions? _tls;

        public void AddTo(Command command)
        {
            command.Arguments.Add(_url);
            command.Options.Add(_tokenFile);
            command.Options.Add(_timeout);
            _tls = new ServerTlsOptions(command);
        }

        public string PathOf(ParseResult parsed) => Read(parsed).PathAndQuery;

        public FhirRestClient Connect(ParseResult parsed, int maxBodyBytes) => new(
            new Uri(Read(parsed).GetLeftPart(UriPartial.Authority)), _tls!.Read(parsed),
            parsed.GetValue(_tokenFile) is { } file ? WireSecret.FromFile(file) : null, TimeSpan.FromSeconds(parsed.GetValue(_timeout)),
            maxBodyBytes);

        private Uri Read(ParseResult parsed) =>
            Uri.TryCreate(parsed.GetRequiredValue(_url), UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https"
            && url!.UserInfo.Length == 0
                ? url : throw new CliException(
                    "URL is not an http or https URL without user info. Example: http://127.0.0.1:8094/fhir/Patient/1");
    }
}
