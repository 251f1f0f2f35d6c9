using System.CommandLine;
using Estream.Wire;
using Estream.Wire.OpcUa;

namespace Estream.Cli.Commands.OpcUa;

/// <summary>The argument and options that say which server a command talks to, and how.</summary>
internal sealed class OpcUaTarget
{
    private const int DefaultTimeoutMs = 10_000;
    private const int MaxTimeoutMs = 600_000;

    private static readonly (string Name, UaSecurityPolicy Policy)[] s_policies =
    [
        ("Basic256Sha256", UaSecurityPolicy.Basic256Sha256),
        ("Aes128_Sha256_RsaOaep", UaSecurityPolicy.Aes128Sha256RsaOaep),
        ("Aes256_Sha256_RsaPss", UaSecurityPolicy.Aes256Sha256RsaPss),
        ("None", UaSecurityPolicy.None),
    ];

    private readonly Argument<string> _url = new("URL") { Description = "The server: opc.tcp://HOST:PORT/PATH." };
    private readonly Option<string> _policy = new("--policy")
    {
        Description = "The security policy: Basic256Sha256, Aes128_Sha256_RsaOaep, Aes256_Sha256_RsaPss or None.",
        HelpName = "POLICY",
        DefaultValueFactory = _ => s_policies[0].Name,
    };
    private readonly Option<bool> _sign = new("--sign-only") { Description = "Sign messages, and do not encrypt them." };
    private readonly Option<string?> _pki = new("--pki")
    {
        Description = "The folder of the trust list and of the certificate of this client. Default: ~/.estream/opcua.",
        HelpName = "FOLDER",
    };
    private readonly Option<string?> _user = new("--user") { Description = "The name of the user. Default: anonymous.", HelpName = "NAME" };
    private readonly Option<string?> _password = new("--password-file")
    {
        Description = "The file with the password of the user. Only its owner may access the file.",
        HelpName = "FILE",
    };
    private readonly Option<int> _timeout =
        FeedRun.Number("--timeout", "The time to wait for each response, in milliseconds.", DefaultTimeoutMs, 1, MaxTimeoutMs);

    /// <param name="command">The command that receives the argument and the options.</param>
    public OpcUaTarget(Command command)
    {
        _policy.Validators.Add(result => FeedRun.Require(
            Array.Exists(s_policies, one => one.Name == result.GetValueOrDefault<string>()), result,
            $"--policy takes {string.Join(", ", s_policies.Select(one => one.Name))}."));
        command.Arguments.Add(_url);
        foreach (Option option in (Option[])[_policy, _sign, _pki, _user, _password, _timeout])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>A node, after the URL.</summary>
    public static Argument<string> Node() =>
        new("NODE") { Description = "The node, such as ns=1;s=Temperature or i=2258." };

    /// <summary>Parses a node.</summary>
    /// <exception cref="CliException">The text is not a node.</exception>
    public static UaNodeId Parse(string text) => UaNodeId.TryParse(text, out UaNodeId node)
        ? node
        : throw new CliException($"'{text}' is not a node; write ns=1;s=NAME, i=NUMBER, ns=1;g=GUID or ns=1;b=BASE64.");

    /// <summary>Connects to the server.</summary>
    /// <exception cref="WireConnectionException">The server cannot be reached, or is not trusted.</exception>
    public Task<OpcUaClient> ConnectAsync(CliContext context, ParseResult parsed, CancellationToken cancellation) =>
        OpcUaClient.ConnectAsync(Read(context, parsed), cancellation);

    public OpcUaClientOptions Read(CliContext context, ParseResult parsed)
    {
        string? password = parsed.GetValue(_password);
        return new OpcUaClientOptions
        {
            Url = parsed.GetRequiredValue(_url),
            Policy = s_policies.First(one => one.Name == parsed.GetValue(_policy)).Policy,
            Mode = parsed.GetValue(_sign) ? UaSecurityMode.Sign : UaSecurityMode.SignAndEncrypt,
            PkiFolder = parsed.GetValue(_pki) ?? Path.Combine(context.Home, ".estream", "opcua"),
            User = parsed.GetValue(_user),
            Password = password is null ? null : WireSecret.FromFile(password),
            TimeoutMs = parsed.GetValue(_timeout),
        };
    }
}
