using System.CommandLine;
using System.Globalization;
using System.Text;
using Estream.Marketplace.Registries;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>`estream marketplace login` and `logout`: store and delete tokens for the web servers of registries.</summary>
internal static class LoginCommand
{
    private static readonly TimeSpan s_lifetime = TimeSpan.FromDays(30);

    private static readonly TimeSpan s_longest = TimeSpan.FromDays(366);

    /// <summary>Returns the credentials of the current user.</summary>
    public static RegistryCredentials Credentials(CliContext context) =>
        new(Path.Combine(context.Home, ".estream", "credentials.json"), context.Clock);

    public static Command Create(CliContext context)
    {
        Argument<string?> address = new("ADDRESS")
        {
            Description =
                "The URL of a registry on a web server, or https://api.github.com for proposals. The token applies to its origin: scheme, "
                + "host and port. Default: list the stored tokens.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        Option<string> expires =
            WorkspaceOptions.AgeOption("--expires", "How long the token is stored, such as 12h or 90d; at most 366d. Default: 30d.");
        Option<bool> json = SharedOptions.Json();
        Command command = new(
            "login",
            "Stores a token for a registry in ~/.estream/credentials.json, readable by its owner only. The token is entered at the "
            + "terminal or read from standard input, never passed as an argument that other users could see. It is sent as 'Authorization: "
            + "Bearer', only to this origin, over https or to this machine.")
        {
            address, expires, json,
        };
        command.SetAction(async (parsed, _) =>
        {
            using MarketplaceOutput said = new(context, parsed.GetValue(json));
            RegistryCredentials credentials = Credentials(context);
            if (parsed.GetValue(address) is not { } text)
            {
                return List(said, credentials);
            }

            string origin = OriginOf(text);
            TimeSpan lifetime = WorkspaceOptions.AgeOf(parsed, expires) ?? s_lifetime;
            if (lifetime <= TimeSpan.Zero || lifetime > s_longest)
            {
                throw new CliException("--expires takes 1m to 366d.");
            }

            string token = await TokenAsync(context, origin).ConfigureAwait(false);
            DateTimeOffset end = context.Now + lifetime;
            credentials.Save(origin, token, end);
            Say(said, new RegistryCredential(origin, end), "kept");
            return ExitCode.Ok;
        });
        return command;
    }

    public static Command CreateLogout(CliContext context)
    {
        Argument<string?> address = new("ADDRESS") { Description = "The URL of the registry.", Arity = ArgumentArity.ZeroOrOne };
        Option<bool> all = new("--all") { Description = "Delete all stored tokens." };
        Option<bool> json = SharedOptions.Json();
        Command command = new("logout",
            "Deletes the stored token of a registry. The token itself stays valid: revoke it where it was issued.") { address, all, json };
        command.SetAction(parsed =>
        {
            using MarketplaceOutput said = new(context, parsed.GetValue(json));
            RegistryCredentials credentials = Credentials(context);
            if (parsed.GetValue(all) == parsed.GetValue(address) is not null)
            {
                throw new CliException("Give either the URL of a registry, or --all.");
            }

            string[] origins = parsed.GetValue(address) is { } text ? [OriginOf(text)] : [.. credentials.List().Select(one => one.Origin)];
            bool isAny = false;
            foreach (string origin in origins.Where(credentials.Remove))
            {
                isAny = true;
                said.Say($"{origin}: token deleted", line => line.WriteString("origin", origin));
            }

            return isAny
                ? ExitCode.Ok
                : throw new CliException($"There is no stored token{(origins.Length == 1 ? $" for {origins[0]}" : "")}.", ExitCode.No);
        });
        return command;
    }

    private static int List(MarketplaceOutput said, RegistryCredentials credentials)
    {
        IReadOnlyList<RegistryCredential> all = credentials.List();
        foreach (RegistryCredential one in all)
        {
            Say(said, one, "there");
        }

        return all.Count > 0 ? ExitCode.Ok : ExitCode.No;
    }

    private static void Say(MarketplaceOutput said, RegistryCredential credential, string status) =>
        said.Say(string.Create(CultureInfo.InvariantCulture,
            $"{credential.Origin}  until {credential.Expires.UtcDateTime:yyyy-MM-dd HH:mm} UTC"), line =>
        {
            line.WriteString("origin", credential.Origin);
            line.WriteString("status", status);
            line.WriteString("expires", credential.Expires.UtcDateTime);
        });

    private static string OriginOf(string text) => Uri.TryCreate(text, UriKind.Absolute, out Uri? address) && address.UserInfo.Length == 0
        && RegistryCredentials.OriginOf(address) is { } origin
        ? origin
        : throw new CliException(
            $"'{(text.Contains('@', StringComparison.Ordinal) ? "an address with a user" : text)}' cannot have a token. Use an https URL "
            + "without user info, such as https://components.example.org; plain http is allowed for this machine only.");

    private static async Task<string> TokenAsync(CliContext context, string origin)
    {
        string token = context.AskSecret?.Invoke($"Token for {origin}:") ?? await ReadAsync(context).ConfigureAwait(false);
        return RegistryCredentials.IsToken(token.Trim())
            ? token.Trim()
            : throw new CliException(
                $"The token is not valid. Enter 1 to {RegistryCredentials.MaxTokenLength} printable characters without spaces, on standard "
                + "input or at the terminal.");
    }

    private static async Task<string> ReadAsync(CliContext context)
    {
        byte[] buffer = new byte[RegistryCredentials.MaxTokenLength + 3];
        int length = await context.Input.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, context.Cancellation)
            .ConfigureAwait(false);
        return length == buffer.Length ? "" : Encoding.UTF8.GetString(buffer, 0, length);
    }
}
