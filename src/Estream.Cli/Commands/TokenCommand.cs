using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Estream.Cli.Data;
using Estream.Cli.Output;
using Estream.Core;
using Estream.Crypto;

namespace Estream.Cli.Commands;

/// <summary>`estream token`: manages the access tokens of a host, in the file <c>tokens</c> of its data folder.</summary>
internal static class TokenCommand
{
    private const int MaxDays = 36_500;

    private static readonly string[] s_roles = ["metrics", "viewer", "operator", "developer", "admin"];

    public static Command Create(CliContext context) =>
        new("token", "Creates, lists and revokes access tokens of a host. A running host applies changes within a second.")
        {
            CreateNew(context),
            CreateList(context),
            CreateRevoke(context),
        };

    private static Command CreateNew(CliContext context)
    {
        Option<string> role = new("--role")
        {
            Description = "The permissions of the token. metrics: read metrics and health. viewer: read. operator: also append, change "
                + "maps and observability settings. developer: also start component versions. admin: everything.",
            HelpName = "ROLE",
            Required = true,
        };
        role.AcceptOnlyFromAmong(s_roles);
        Option<TimeSpan?> expires = new("--expires")
        {
            Description = "The time until the token expires: 30d, 12h or 30m. Without it, the token does not expire.",
            HelpName = "TIME",
            CustomParser = Lifetime,
        };
        Option<string> name = new("--name")
        {
            Description = "A name for the token, shown by list and accepted by revoke. No other valid token may have it.",
            HelpName = "NAME",
            DefaultValueFactory = _ => "",
        };
        TokenScopeOptions scopes = new();
        Option<string[]> grants = new("--grant")
        {
            Description = "A marketplace right: registrar:@SCOPE submits releases of a namespace, governance moderates submissions. May be "
                + "repeated. Requires --expires of at most 90 days.",
            HelpName = "GRANT",
            DefaultValueFactory = _ => [],
        };
        Option<string?> tokensFile = TokensFile();
        Command command = new(
            "new",
            "Creates a token and prints it once; only its hash is stored. Example: estream token new --role metrics --name prometheus")
        {
            role, expires, name, tokensFile, scopes.Queue, scopes.Map, scopes.Fhir, grants,
        };
        command.Validators.Add(result => scopes.Check(result, result.GetValue(role)));
        command.SetAction(parsed =>
        {
            AccessRole given = Enum.Parse<AccessRole>(parsed.GetRequiredValue(role), ignoreCase: true);
            FileStorage.Instance.CreateDirectory(context.DataFolder);
            AccessScopes reached = scopes.Read(parsed);
            string token = CreateIn(
                PathOf(context, parsed.GetValue(tokensFile)), parsed.GetValue(name)!, given, parsed.GetValue(expires), context.Now,
                reached, parsed.GetRequiredValue(grants));
            CliAudit.Record(context, "token new", parsed.GetValue(name)!,
                string.Join(' ', (string[])[$"role {NameOf(given)}", $"{reached}", .. parsed.GetRequiredValue(grants)]).TrimEnd());
            using LineWriter lines = new(context.Output);
            lines.WriteLine(token);
            return ExitCode.Ok;
        });
        return command;
    }

    private static string CreateIn(
        string path, string name, AccessRole role, TimeSpan? lifetime, DateTimeOffset now, AccessScopes scopes,
        string[] grants)
    {
        try
        {
            return AccessTokenFile.Create(path, name, role, lifetime, now, scopes, AccessGrants.Create(grants));
        }
        catch (Exception refused) when (refused is ArgumentException or FormatException)
        {
            throw new CliException(refused.Message);
        }
    }

    private static Command CreateList(CliContext context)
    {
        Option<string?> tokensFile = TokensFile();
        Command command = new("list", "Lists the tokens: id, role, expiry, name, scopes. Example: estream token list --json")
        {
            tokensFile,
        };
        FormatOption format = new(command);
        command.SetAction(parsed =>
        {
            using LineWriter lines = new(context.Output);
            foreach (AccessToken token in AccessTokenFile.Load(PathOf(context, parsed.GetValue(tokensFile))).Tokens)
            {
                if (format.IsJson(parsed))
                {
                    lines.WriteObject(writer =>
                    {
                        writer.WriteString("id", token.Id);
                        writer.WriteString("name", token.Name);
                        writer.WriteString("role", NameOf(token.Role));
                        writer.WriteString("scopes", token.Scopes.ToString());
                        writer.WriteString("grants", token.Grants.ToString());
                        writer.WriteString("createdAt", token.CreatedAt);
                        if (token.ExpiresAt is { } end)
                        {
                            writer.WriteString("expiresAt", end);
                        }

                        writer.WriteBoolean("isExpired", token.ExpiresAt <= context.Now);
                    });
                }
                else
                {
                    string expiry = ExpiryOf(token, context.Now);
                    lines.WriteLine(
                        $"{token.Id}  {NameOf(token.Role),-9}  {expiry,-20}  {token.Name,-12}  {token.Scopes} {token.Grants}".TrimEnd());
                }
            }

            return ExitCode.Ok;
        });
        return command;
    }

    private static Command CreateRevoke(CliContext context)
    {
        Argument<string> which = new("TOKEN") { Description = "A token id, or a token name. A name removes every token that has it." };
        Option<string?> tokensFile = TokensFile();
        Command command = new("revoke", "Removes tokens; their sessions end. Example: estream token revoke prometheus")
        {
            which, tokensFile,
        };
        command.SetAction(parsed =>
        {
            string wanted = parsed.GetRequiredValue(which);
            IReadOnlyList<AccessToken> revoked = AccessTokenFile.Revoke(PathOf(context, parsed.GetValue(tokensFile)), wanted);
            if (revoked.Count == 0)
            {
                context.Error.WriteLine($"estream: There is no token '{wanted}'. List tokens with 'estream token list'.");
                return ExitCode.Failed;
            }

            using LineWriter lines = new(context.Output);
            foreach (AccessToken token in revoked)
            {
                CliAudit.Record(context, "token revoke", token.Name.Length > 0 ? token.Name : token.Id, $"role {NameOf(token.Role)}");
                lines.WriteLine($"revoked {token.Id}  {NameOf(token.Role)}  {token.Name}".TrimEnd());
            }

            return ExitCode.Ok;
        });
        return command;
    }

    private static Option<string?> TokensFile() => new("--tokens-file")
    {
        Description = "The token file (setting Http:TokensFile). Default: tokens in the data folder.", HelpName = "PATH",
    };

    private static string PathOf(CliContext context, string? given) =>
        given is null ? Path.Combine(context.DataFolder, "tokens") : Path.GetFullPath(given);

    private static string NameOf(AccessRole role) => role.ToString().ToLowerInvariant();

    private static string ExpiryOf(AccessToken token, DateTimeOffset now) =>
        token.ExpiresAt is not { } end ? "never expires"
        : end <= now ? "expired"
        : end.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static TimeSpan? Lifetime(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        TimeSpan unit = text.EndsWith('d') ? TimeSpan.FromDays(1)
            : text.EndsWith('h') ? TimeSpan.FromHours(1)
            : text.EndsWith('m') ? TimeSpan.FromMinutes(1)
            : TimeSpan.Zero;
        if (unit == TimeSpan.Zero
            || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out int count)
            || count == 0 || count > TimeSpan.FromDays(MaxDays) / unit)
        {
            result.AddError($"--expires '{text}' is not valid; write a time from 1m to {MaxDays}d, such as 30d, 12h or 30m.");
            return null;
        }

        return count * unit;
    }
}
