using System.Diagnostics.CodeAnalysis;
using Estream.Wire.Fhir.Resources;
using Estream.Wire.Fhir.Search;

namespace Estream.Wire.Fhir.Access;

/// <summary>The interactions that scopes grant: SMART App Launch 2.0, "c", "r", "u", "d" and "s".</summary>
[Flags]
internal enum SmartAction
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Create.</summary>
    Create = 1,

    /// <summary>Read, vread and history of an instance.</summary>
    Read = 2,

    /// <summary>Update.</summary>
    Update = 4,

    /// <summary>Delete.</summary>
    Delete = 8,

    /// <summary>Search, and history of a type or of the server.</summary>
    Search = 16,
}

/// <summary>A scope of SMART App Launch, as in <c>user/Observation.rs</c> (2.0) or <c>patient/*.read</c> (1.0). Immutable.</summary>
/// <param name="IsPatient">Whether the scope is limited to the compartment of one patient.</param>
/// <param name="Type">The resource type, or *.</param>
/// <param name="Actions">The granted interactions.</param>
/// <param name="Filter">The granted resources; null for all of the type.</param>
internal sealed record SmartScope(bool IsPatient, string Type, SmartAction Actions, SearchQuery? Filter)
{
    private const string Letters = "cruds";
    private const SmartAction AllActions = (SmartAction)31;

    /// <summary>The scopes of a server without tokens.</summary>
    public static IReadOnlyList<SmartScope> All { get; } =
        [new(false, "*", AllActions, null), new(false, FhirTypes.Consent, AllActions, null)];

    /// <summary>Reads a scope.</summary>
    /// <param name="text">The scope.</param>
    /// <param name="urls">The URLs of this server, for references in a query.</param>
    /// <param name="scope">The scope; null if it is not valid.</param>
    public static bool TryParse(string text, ServerUrls urls, [NotNullWhen(true)] out SmartScope? scope)
    {
        scope = null;
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        int dot = text.IndexOf('.', StringComparison.Ordinal);
        int question = text.IndexOf('?', StringComparison.Ordinal);
        int end = question < 0 ? text.Length : question;
        if (slash < 0 || dot < slash || dot > end || text[..slash] is not ("patient" or "user" or "system"))
        {
            return false;
        }

        string type = text[(slash + 1)..dot];
        SmartAction actions = ActionsOf(text[(dot + 1)..end]);
        if (actions == SmartAction.None || (type != "*" && !FhirTypes.IsKnown(type)))
        {
            return false;
        }

        SearchQuery? filter = null;
        if (question >= 0 && (type == "*"
            || !SearchQuery.TryParse(type, QueryText.Parse(text[(question + 1)..]), QueryUse.Filter, urls, out filter, out _)))
        {
            return false;
        }

        scope = new SmartScope(text.StartsWith("patient/", StringComparison.Ordinal), type, actions, filter);
        return true;
    }

    /// <summary>Whether the scope grants an interaction with some resources of a type. A write of a Consent needs a scope that names the
    /// type: <c>*</c> does not cover it, or a client could remove the consent that denies access to it.</summary>
    public bool Covers(string type, SmartAction action) =>
        (Type == type || (Type == "*" && !IsWriteOfConsent(type, action))) && (Actions & action) == action;

    public bool Permits(SmartAction action, ResourceFacts facts, string? patient) =>
        Covers(facts.Type, action) && (!IsPatient || (patient is not null && IsOf(patient, action, facts)))
        && (Filter is null || Filter.Matches(facts, "", 0));

    private static bool IsWriteOfConsent(string type, SmartAction action) =>
        type == FhirTypes.Consent && (action & (SmartAction.Create | SmartAction.Update | SmartAction.Delete)) != 0;

    // A written resource may name no other patient, also not by an identifier: its consents and its data would be filed there. A written
    // patient may not have links, because denials of one record count for the other.
    private static bool IsOf(string patient, SmartAction action, ResourceFacts facts) =>
        facts.Patients.Contains(patient)
        && ((action & (SmartAction.Read | SmartAction.Search)) != 0
            || (facts.Type == "Patient" ? facts.Links.Count == 0 : facts.Patients.All(one => one == patient)));

    private static SmartAction ActionsOf(string text)
    {
        switch (text)
        {
            case "read":
                return SmartAction.Read | SmartAction.Search;
            case "write":
                return SmartAction.Create | SmartAction.Update | SmartAction.Delete;
            case "*":
                return AllActions;
        }

        SmartAction actions = SmartAction.None;
        int last = -1;
        foreach (char letter in text)
        {
            int index = Letters.IndexOf(letter, StringComparison.Ordinal);
            if (index <= last)
            {
                return SmartAction.None;
            }

            actions |= (SmartAction)(1 << index);
            last = index;
        }

        return actions;
    }
}

/// <summary>The resource types that a server stores.</summary>
internal static class FhirTypes
{
    public const string Patient = "Patient";
    public const string Consent = "Consent";
    public const string Subscription = "Subscription";

    /// <summary>The types in the order of the capability statement.</summary>
    public static IReadOnlyList<string> All { get; } = [Patient, "Observation", "Encounter", Consent, Subscription];

    public static bool IsKnown(string type) => All.Contains(type);
}
