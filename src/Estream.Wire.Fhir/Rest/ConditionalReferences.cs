using System.Text;
using System.Text.Json;
using Estream.Wire.Fhir.Access;
using Estream.Wire.Fhir.Codec;
using Estream.Wire.Fhir.Resources;
using Estream.Wire.Fhir.Search;
using Estream.Wire.Fhir.Store;

namespace Estream.Wire.Fhir.Rest;

/// <summary>
/// Resolves the conditional references of a transaction (FHIR R4, 3.1.0.11.2), as in <c>Patient?identifier=12</c>: to one resource that the
/// transaction stores, or that is stored and that scopes and consents let the client find. Thread-safe.
/// </summary>
internal sealed class ConditionalReferences(ResourceStore store, ReadAccess access, int maxReferences)
{
    /// <summary>Adds what each conditional reference stands for. The caller holds <see cref="ResourceStore.Writing"/>.</summary>
    /// <param name="entries">The entries of the transaction.</param>
    /// <param name="targets">The resource that each entry changes, as in Patient/23; empty for none.</param>
    /// <param name="references">Gets a relative reference for each conditional reference.</param>
    /// <returns>The failure with the number of its entry; null if all references are resolved.</returns>
    public (int Entry, FhirResponse Failure)? Resolve(
        IReadOnlyList<FhirRequest> entries, IReadOnlyList<string> targets, Dictionary<string, string> references)
    {
        HashSet<string> changed = new(targets, StringComparer.Ordinal);
        List<WrittenResource>? written = null;
        int count = 0;
        for (int i = 0; i < entries.Count; i++)
        {
            // An entry whose condition finds a stored resource stores nothing, so its references do not matter.
            foreach (string reference in targets[i].Length > 0 ? Of(entries[i]) : [])
            {
                if (references.ContainsKey(reference))
                {
                    continue;
                }

                written ??= ReadWritten(entries, targets);
                string found = "";
                FhirResponse? failure = ++count > maxReferences
                    ? Outcome.Fail(413, "too-costly", $"A transaction can have {maxReferences} different conditional references. Split it.")
                    : Find(entries[i], reference, written, changed, out found);
                if (failure is not null)
                {
                    return (i, failure);
                }

                references.Add(reference, found);
            }
        }

        return null;
    }

    private FhirResponse? Find(
        FhirRequest request, string reference, List<WrittenResource> written, HashSet<string> changed, out string found)
    {
        found = "";
        int question = reference.IndexOf('?', StringComparison.Ordinal);
        string type = reference[..question];
        if (!FhirTypes.IsKnown(type))
        {
            return Outcome.Fail(400, "not-supported", "The server does not store the resource type of a conditional reference.");
        }

        if (!request.Principal.MayTry(type, SmartAction.Search))
        {
            return ReadHandler.Refuse(AccessDecision.OutOfScope);
        }

        List<KeyValuePair<string, string>> parameters = QueryText.Parse(reference[(question + 1)..]);
        if (!SearchQuery.TryParse(type, parameters, QueryUse.Filter, store.Facts.Urls, out SearchQuery? query, out string error)
            || query.Criteria.Count == 0)
        {
            return Outcome.Fail(400, "invalid", error.Length > 0 ? error : "A conditional reference needs a search parameter.");
        }

        if (access.CountCandidates(query) > ReadAccess.MaxConditionCandidates)
        {
            return Outcome.Fail(413, "too-costly",
                "A conditional reference examines too many resources. Use identifier or another exact parameter.");
        }

        List<ResourceEntry> stored = [.. access.Find(request.Principal, query, request.Budget)
            .Select(match => match.Entry).Where(entry => !changed.Contains($"{entry.Type}/{entry.Id}")).Take(2)];
        stored.ForEach(entry => request.Principal.Trail?.AddMatch(entry));
        List<string> matches = [.. stored.Select(entry => $"{entry.Type}/{entry.Id}")];
        matches.AddRange(written.Where(one => query.Matches(one.Facts, one.Id, long.MaxValue)).Select(one => $"{type}/{one.Id}").Take(2));
        found = matches.FirstOrDefault("");
        return matches.Count == 1 ? null
            : matches.Count == 0 ? Outcome.Fail(412, "not-found", "A conditional reference matches no resource that the client may find.")
            : Outcome.Fail(412, "multiple-matches", "A conditional reference matches more than one resource.");
    }

    /// <summary>The resources of the entries that create or update. They replace the stored versions.</summary>
    private List<WrittenResource> ReadWritten(IReadOnlyList<FhirRequest> entries, IReadOnlyList<string> targets)
    {
        List<WrittenResource> written = [];
        for (int i = 0; i < entries.Count; i++)
        {
            string[] target = targets[i].Split('/');
            using JsonDocument? json = target.Length == 2 && entries[i].Method is "POST" or "PUT"
                ? ResourceStore.TryParse(entries[i].Body) : null;
            if (json is not null && json.RootElement.Text("resourceType") == target[0])
            {
                written.Add(new WrittenResource(target[1], store.Facts.Read(json.RootElement, target[0], target[1])));
            }
        }

        return written;
    }

    /// <summary>The conditional references of a resource: texts of members <c>reference</c>.</summary>
    private static HashSet<string> Of(FhirRequest request)
    {
        HashSet<string> found = new(StringComparer.Ordinal);
        ReadOnlySpan<byte> body = request.Body.Span;
        if (request.Method is "POST" or "PUT" && (body.Contains((byte)'?') || body.IndexOf("\\u"u8) >= 0))
        {
            using JsonDocument? json = ResourceStore.TryParse(request.Body);
            Collect(json?.RootElement ?? default, found);
        }

        return found;
    }

    // The depth is limited by the options of the parser.
    private static void Collect(JsonElement element, HashSet<string> found)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement item in element.EnumerateArray())
            {
                Collect(item, found);
            }
        }
        else if (element.ValueKind == JsonValueKind.Object)
        {
            if (element.Text("reference") is var reference && FhirReference.IsConditional(Encoding.UTF8.GetBytes(reference)))
            {
                found.Add(reference);
            }

            foreach (JsonProperty member in element.EnumerateObject())
            {
                Collect(member.Value, found);
            }
        }
    }

    /// <summary>A resource that the transaction stores.</summary>
    private sealed record WrittenResource(string Id, ResourceFacts Facts);
}
