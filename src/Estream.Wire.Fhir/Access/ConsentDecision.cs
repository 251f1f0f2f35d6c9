using Estream.Wire.Fhir.Resources;

namespace Estream.Wire.Fhir.Access;

/// <summary>
/// Decides whether consents permit a principal to read a resource. A criterion that cannot be compared counts as met for a denial and as
/// not met for a permission. Stateless and thread-safe.
/// </summary>
internal static class ConsentDecision
{
    private static readonly string[] s_readActions = ["access", "disclose", "use", "collect"];
    private static readonly string[] s_otherActions = ["correct"];
    private static readonly string[] s_confidentiality = ["U", "L", "M", "N", "R", "V"];

    /// <summary>Combines the consents of a patient. Consents of linked records and uncertain identifiers can only deny, because a wrong
    /// link must not disclose the data of another person.</summary>
    /// <returns>Null if no consent has a rule for this access.</returns>
    public static bool? Decide(in PatientConsents consents, in ConsentRequest request)
    {
        bool? own = consents.HasTooManyRecords ? false : Decide(consents.Own, request);
        return own != false && Decide(consents.Linked, request) == false ? false : own;
    }

    /// <summary>Combines the consents of a patient: one denial denies; otherwise one permission permits.</summary>
    /// <returns>Null if no consent has a rule for this access.</returns>
    public static bool? Decide(IEnumerable<ConsentRecord> consents, in ConsentRequest request)
    {
        bool? decision = null;
        foreach (ConsentRecord consent in consents)
        {
            if (!consent.IsActive)
            {
                continue;
            }

            bool? one = Decide(consent, request);
            if (one == false)
            {
                return false;
            }

            decision ??= one;
        }

        return decision;
    }

    private static bool? Decide(ConsentRecord consent, in ConsentRequest request)
    {
        if (!consent.IsUnderstood)
        {
            return false;
        }

        if (consent.Rule is not { } rule)
        {
            return consent.Base;
        }

        // The root provision is an exception from the policy rule; without a type it says the opposite (FHIR R4, 6.2.4).
        bool effect = rule.IsPermit ?? (rule.IsGroup ? consent.Base ?? false : !(consent.Base ?? true));
        return Apply(rule, effect, request) ?? consent.Base;
    }

    /// <summary>Applies a provision with its exceptions.</summary>
    /// <returns>Null if the provision does not match.</returns>
    private static bool? Apply(ConsentProvision rule, bool effect, in ConsentRequest request)
    {
        Match match = MatchOf(rule, effect, request);
        if (match == Match.No || (match == Match.Unknown && effect))
        {
            return null;
        }

        bool? inner = null;
        foreach (ConsentProvision exception in rule.Exceptions)
        {
            bool? one = Apply(exception, exception.IsPermit ?? false, request);
            if (one == false)
            {
                return false;
            }

            inner ??= one;
        }

        return inner ?? effect;
    }

    private static Match MatchOf(ConsentProvision rule, bool isPermit, in ConsentRequest request)
    {
        Match match = rule.HasModifier ? Match.Unknown : Match.Yes;
        match = And(match, rule.Period is { } period && !period.Overlaps(request.Now) ? Match.No : Match.Yes);
        match = And(match, Any(rule.Actors, request.Principal.Actors));
        match = And(match, OfActions(rule.Actions));
        match = And(match, request.Principal.Purposes.Count == 0 && rule.Purposes.Count > 0
            ? Match.Unknown : Any(rule.Purposes, request.Principal.Purposes));
        match = And(match, Any(rule.Classes, [request.Facts.Type]));
        match = And(match, OfCodes(rule.Codes, isPermit, request.Facts));
        match = And(match, OfLabels(rule.Labels, isPermit, request.Facts.Labels));
        match = And(match, OfDataPeriod(rule.DataPeriod, isPermit, request.Facts.Date));
        return And(match, Any(rule.Data, [$"{request.Facts.Type}/{request.Id}"]));
    }

    private static Match And(Match one, Match other) => one < other ? one : other;

    private static Match Any(IReadOnlyList<string> wanted, IReadOnlyList<string> present) =>
        wanted.Count == 0 || wanted.Any(one => one.Length > 0 && present.Contains(one)) ? Match.Yes
        : wanted.Contains("") ? Match.Unknown
        : Match.No;

    private static Match OfActions(IReadOnlyList<string> actions) =>
        actions.Count == 0 || actions.Any(s_readActions.Contains) ? Match.Yes
        : actions.All(s_otherActions.Contains) ? Match.No
        : Match.Unknown;

    /// <summary>A denial covers a code anywhere in the resource, such as in a component or a reason, also without a system. A permission
    /// needs the code as the code of the resource, because it discloses the whole resource.</summary>
    private static Match OfCodes(IReadOnlyList<FactToken> wanted, bool isPermit, ResourceFacts facts) =>
        wanted.Count == 0 ? Match.Yes
        : wanted.Any(one => one.Value.Length > 0 && (isPermit ? facts.Of("code") : facts.Codes).Any(code => code.Value == one.Value
            && (one.System.Length == 0 || code.System == one.System || (!isPermit && code.System.Length == 0)))) ? Match.Yes
        : wanted.Any(one => one.Value.Length == 0) ? Match.Unknown
        : Match.No;

    /// <summary>A permission for a level of confidentiality includes lower levels; a denial includes higher ones. A resource without a
    /// level is normal.</summary>
    private static Match OfLabels(IReadOnlyList<string> wanted, bool isPermit, IReadOnlyList<string> labels)
    {
        if (wanted.Count == 0 || wanted.Any(one => one.Length > 0 && labels.Contains(one)))
        {
            return Match.Yes;
        }

        int level = labels.Select(label => Array.IndexOf(s_confidentiality, label)).DefaultIfEmpty(-1).Max();
        level = level < 0 ? Array.IndexOf(s_confidentiality, "N") : level;
        foreach (string one in wanted)
        {
            int limit = Array.IndexOf(s_confidentiality, one);
            if (limit >= 0 && (isPermit ? level <= limit : level >= limit))
            {
                return Match.Yes;
            }
        }

        return wanted.Contains("") ? Match.Unknown : Match.No;
    }

    private static Match OfDataPeriod(FactPeriod? wanted, bool isPermit, FactPeriod? date) =>
        wanted is not { } period ? Match.Yes
        : date is not { } of ? Match.Unknown
        : (isPermit ? period.Contains(of) : period.Overlaps(of)) ? Match.Yes
        : Match.No;

    private enum Match
    {
        No,
        Unknown,
        Yes,
    }
}

/// <summary>A read that consents decide about.</summary>
/// <param name="Principal">The reader.</param>
/// <param name="Facts">The facts of the resource.</param>
/// <param name="Id">The logical id of the resource.</param>
/// <param name="Now">The present tick.</param>
internal readonly record struct ConsentRequest(FhirPrincipal Principal, ResourceFacts Facts, string Id, FactPeriod Now);

/// <summary>The consents that apply to a resource.</summary>
/// <param name="Own">The consents of its patients, by reference and identifier.</param>
/// <param name="Linked">The consents of records that may describe the same patients: linked records, earlier identifiers, and identifiers
/// without a system.</param>
/// <param name="HasTooManyRecords">Whether too many records are linked. Access is then denied.</param>
internal readonly record struct PatientConsents(
    IReadOnlyList<ConsentRecord> Own, IReadOnlyList<ConsentRecord> Linked, bool HasTooManyRecords);
