using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Estream.Host.Runtime;
using Microsoft.Extensions.Configuration;

namespace Estream.Host.Configuration;

/// <summary>The section <c>Alerts</c>: its schema, its checks, and its plan.</summary>
internal static class AlertSection
{
    public const string Key = "Alerts";

    private const string SecretPrefix = "whsec_";
    private const int MaxSecretBytes = 1_024;
    private const int MinSecretBytes = 16;

    private static readonly ObjectSchema s_rule = new(
        Setting.Required("Series", new TextSchema("the name of a series, such as host/cpu", 256, text => text.Contains('/'))),
        new Setting("Above", NumberSchema.Instance),
        new Setting("Below", NumberSchema.Instance),
        new Setting("ForSeconds", new IntegerSchema(0, AlertRule.MostForSeconds, "seconds")),
        new Setting("Severity", new ChoiceSchema(AlertRule.Severities)));

    public static ObjectSchema Schema { get; } = new(
        new Setting("Rules", new NamedObjectsSchema("rule", s_rule, maxCount: AlertPlan.MostRules)),
        new Setting("Webhook", new ObjectSchema(
            Setting.Required("Url", WebhookAddressSchema.Instance),
            new Setting("SecretFile", TextSchema.Path))));

    /// <summary>Adds an error for each rule without exactly one threshold, for rules without a history, and for a secret that cannot be
    /// used.</summary>
    public static void Check(IConfigurationSection root, SettingErrors errors)
    {
        IConfigurationSection[] rules = [.. RulesOf(root)];
        foreach (IConfigurationSection rule in rules.Where(rule => Has(rule, "Above") == Has(rule, "Below")))
        {
            errors.Add(rule.Path, Has(rule, "Above")
                ? "has both Above and Below. Remove one, or add a second rule."
                : "has no threshold. Set Above or Below.");
        }

        if (rules.Length > 0 && bool.TryParse(root["History:Enabled"], out bool isEnabled) && !isEnabled)
        {
            errors.Add($"{root.Path}:{Key}:Rules",
                $"needs the history, but {root.Path}:History:Enabled is false. Set it to true, or remove the rules.");
        }

        if (root[$"{Key}:Webhook:SecretFile"] is { Length: > 0 } file)
        {
            string setting = $"{root.Path}:{Key}:Webhook:SecretFile";
            if (SecretFile.Read(file, setting, MaxSecretBytes, "secret file", errors) is { } text && SecretOf(text) is null)
            {
                errors.Add(setting,
                    $"names {file}, which has no secret of a webhook. Write a line of at least {MinSecretBytes} characters, or "
                    + $"{SecretPrefix} and at least {MinSecretBytes} bytes in base64.");
            }
        }
    }

    /// <summary>Reads the section after the checks.</summary>
    public static AlertPlan Read(IConfigurationSection root)
    {
        IConfigurationSection webhook = root.GetSection($"{Key}:Webhook");
        return new AlertPlan(
            [.. RulesOf(root).Select(ReadRule)],
            webhook["Url"] is { Length: > 0 } address
                ? new WebhookPlan(new Uri(address), webhook["SecretFile"] is { Length: > 0 } file
                    ? SecretOf(Core.SecretFile.ReadText(file, "secret file", MaxSecretBytes))
                    : null)
                : null);
    }

    /// <summary>Returns the bytes of a secret; null if it is too short or not base64.</summary>
    internal static byte[]? SecretOf(string text)
    {
        string line = text.Trim();
        byte[] secret = Encoding.UTF8.GetBytes(line);
        if (line.StartsWith(SecretPrefix, StringComparison.Ordinal))
        {
            secret = new byte[line.Length];
            secret = Convert.TryFromBase64String(line[SecretPrefix.Length..], secret, out int length) ? secret[..length] : [];
        }

        return secret.Length >= MinSecretBytes ? secret : null;
    }

    private static IEnumerable<IConfigurationSection> RulesOf(IConfigurationSection root) => root.GetSection($"{Key}:Rules").GetChildren();

    private static AlertRule ReadRule(IConfigurationSection rule)
    {
        bool isAbove = Has(rule, "Above");
        _ = NumberSchema.TryParse(rule[isAbove ? "Above" : "Below"], out double threshold);
        return new AlertRule(rule.Key, rule["Series"]!, isAbove, threshold,
            rule["ForSeconds"] is { Length: > 0 } seconds ? int.Parse(seconds, CultureInfo.InvariantCulture) : AlertRule.DefaultForSeconds,
            rule["Severity"] is { Length: > 0 } severity ? severity : AlertRule.DefaultSeverity);
    }

    private static bool Has(IConfigurationSection section, string key) => section[key] is { Length: > 0 };
}

/// <summary>A finite number, such as 0.5 or -3.</summary>
internal sealed class NumberSchema : ScalarSchema
{
    public static NumberSchema Instance { get; } = new();

    public override string Expectation => "a number such as 90 or 0.5";

    public static bool TryParse(string? text, out double value) =>
        double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent,
            CultureInfo.InvariantCulture, out value) && double.IsFinite(value);

    protected override bool Accepts(string text) => TryParse(text, out _);
}

/// <summary>An https address, or an http address of this machine, without credentials and fragment. Other http addresses would send the
/// alerts, and a secret of the address, in plaintext.</summary>
internal sealed class WebhookAddressSchema : ScalarSchema
{
    private const int MaxLength = 2_048;

    public static WebhookAddressSchema Instance { get; } = new();

    public override string Expectation => "an https address, or an http address of this machine such as http://127.0.0.1:9000/alerts";

    protected override bool Accepts(string text) => text.Length <= MaxLength && Uri.TryCreate(text, UriKind.Absolute, out Uri? address)
        && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback))
        && address.Host.Length > 0 && address.UserInfo.Length == 0 && address.Fragment.Length == 0;
}
