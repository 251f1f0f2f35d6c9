using Estream.Wire.Compliance.Checks;

namespace Estream.Wire.Compliance;

/// <summary>
/// The contract of wire adapters as checks: lifecycle, back-pressure, no loss after acknowledgement, reconnection, translation, schemas,
/// health, events, configuration, hostile peers, counting.
/// </summary>
public static class WireAdapterCompliance
{
    /// <summary>The name of the queue in which the adapter must store messages.</summary>
    public const string Queue = "data";

    /// <summary>All checks, in the order of the guide.</summary>
    public static IReadOnlyList<ComplianceCheck> Checks { get; } =
    [
        .. LifecycleChecks.All,
        .. DisposalChecks.All,
        .. BackPressureChecks.All,
        .. AcknowledgementChecks.All,
        .. ReconnectionChecks.All,
        .. TranslationChecks.All,
        .. DescriptionChecks.All,
        .. EventChecks.All,
        .. ConfigurationChecks.All,
        .. HostilityChecks.All,
        .. CountingChecks.All,
    ];

    /// <summary>Returns the checks that apply to an adapter with these traits, for a test framework to list.</summary>
    public static IReadOnlyList<ComplianceCheck> For(ComplianceTraits traits)
    {
        return [.. Checks.Where(check => check.AppliesTo(traits))];
    }

    /// <summary>Returns the checks that apply to an adapter by its traits, without the checks that the subject declares not
    /// applicable.</summary>
    /// <exception cref="ArgumentException">The subject declares an unknown check not applicable.</exception>
    public static IReadOnlyList<ComplianceCheck> For(IComplianceSubject subject)
    {
        ArgumentNullException.ThrowIfNull(subject);
        if (subject.NotApplicable.Keys.FirstOrDefault(id => Checks.All(check => check.Id != id)) is { } stranger)
        {
            throw new ArgumentException(
                $"'{stranger}' in NotApplicable is not a check; the checks are: {string.Join(", ", Checks.Select(known => known.Id))}.",
                nameof(subject));
        }

        return [.. Checks.Where(check => check.WhyNot(subject) is null)];
    }

    /// <summary>Runs one check.</summary>
    /// <param name="id">The <see cref="ComplianceCheck.Id"/>.</param>
    /// <param name="subject">The adapter.</param>
    /// <param name="cancellation">Cancels the check.</param>
    /// <exception cref="ComplianceException">The adapter does not meet the requirement.</exception>
    /// <exception cref="ArgumentException">There is no such check.</exception>
    /// <exception cref="InvalidOperationException">The check does not apply to the adapter.</exception>
    public static Task RunAsync(string id, IComplianceSubject subject, CancellationToken cancellation = default)
    {
        ComplianceCheck check = Checks.FirstOrDefault(candidate => candidate.Id.Equals(id, StringComparison.Ordinal))
            ?? throw new ArgumentException(
                $"'{id}' is not a check; the checks are: {string.Join(", ", Checks.Select(known => known.Id))}.", nameof(id));
        return check.RunAsync(subject, cancellation);
    }

    /// <summary>Runs all checks in sequence and writes one line for each, for programs without a test framework.</summary>
    /// <param name="subject">The adapter.</param>
    /// <param name="report">Receives the lines.</param>
    /// <param name="cancellation">Cancels the run.</param>
    /// <returns>The number of failed checks.</returns>
    public static async Task<int> ReportAsync(IComplianceSubject subject, TextWriter report, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(subject);
        ArgumentNullException.ThrowIfNull(report);
        int passed = 0;
        int failed = 0;
        foreach (ComplianceCheck check in Checks)
        {
            if (check.WhyNot(subject) is { } reason)
            {
                await report.WriteLineAsync($"left out  {check} ({reason})").ConfigureAwait(false);
                continue;
            }

            try
            {
                await check.RunAsync(subject, cancellation).ConfigureAwait(false);
                passed++;
                await report.WriteLineAsync($"passed    {check}").ConfigureAwait(false);
            }
            catch (ComplianceException failure)
            {
                failed++;
                await report.WriteLineAsync($"FAILED    {failure.Message}").ConfigureAwait(false);
            }
        }

        await report.WriteLineAsync($"{passed} passed, {failed} failed, {Checks.Count - passed - failed} left out").ConfigureAwait(false);
        return failed;
    }
}
