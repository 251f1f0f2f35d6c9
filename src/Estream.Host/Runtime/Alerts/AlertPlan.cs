using System.Security.Cryptography;

namespace Estream.Host.Runtime;

/// <summary>The alert rules of a host, and where changes of alerts are sent.</summary>
/// <param name="Rules">The rules by name.</param>
/// <param name="Webhook">Where changes are sent; null to send nothing.</param>
internal sealed record AlertPlan(IReadOnlyList<AlertRule> Rules, WebhookPlan? Webhook)
{
    public const int MostRules = 200;

    public static AlertPlan None { get; } = new([], null);
}

/// <summary>A rule that watches one series.</summary>
/// <param name="Name">The name.</param>
/// <param name="Series">The series.</param>
/// <param name="IsAbove">Whether values above the threshold are wrong; otherwise values below it.</param>
/// <param name="Threshold">The threshold, in the unit of the series.</param>
/// <param name="ForSeconds">How long values must be wrong before the alert fires.</param>
/// <param name="Severity"><c>info</c>, <c>warning</c> or <c>critical</c>.</param>
internal sealed record AlertRule(string Name, string Series, bool IsAbove, double Threshold, int ForSeconds, string Severity)
{
    public const int DefaultForSeconds = 60;
    public const int MostForSeconds = 24 * 3_600;
    public const string DefaultSeverity = "warning";

    public static string[] Severities { get; } = ["info", DefaultSeverity, "critical"];

    public string Comparison => IsAbove ? "above" : "below";

    public bool IsWrong(double value) => IsAbove ? value > Threshold : value < Threshold;
}

/// <summary>Where changes of alerts are sent.</summary>
/// <param name="Address">An https address, or an http address of this machine. May contain a secret.</param>
/// <param name="Secret">The key of the signatures; null to send no signatures.</param>
internal sealed record WebhookPlan(Uri Address, byte[]? Secret)
{
    /// <summary>The part of the address that contains no secret.</summary>
    public string Place => Address.GetLeftPart(UriPartial.Authority);

    public bool Equals(WebhookPlan? other) => other is not null && Address == other.Address
        && (Secret is null) == (other.Secret is null) && CryptographicOperations.FixedTimeEquals(Secret, other.Secret);

    public override int GetHashCode() => Address.GetHashCode();

    /// <summary>Omits the secrets, so that printing the settings never logs them.</summary>
    public override string ToString() => Place;
}
