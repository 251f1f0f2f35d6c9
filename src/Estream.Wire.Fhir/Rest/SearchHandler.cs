using System.Globalization;
using System.Text;
using Estream.Fhir;
using Estream.Wire.Fhir.Access;
using Estream.Wire.Fhir.Codec;
using Estream.Wire.Fhir.Resources;
using Estream.Wire.Fhir.Search;
using Estream.Wire.Fhir.Store;

namespace Estream.Wire.Fhir.Rest;

/// <summary>Answers searches (FHIR R4, 3.1.1) and histories (3.1.0.11). Resources that scopes or consents do not permit are left out, and
/// are not counted. Thread-safe.</summary>
internal sealed class SearchHandler(ResourceStore store, ReadAccess access, string baseUrl)
{
    /// <summary>The length at which a bundle gets no further entries.</summary>
    public const int MaxPageBytes = 4 << 20;

    private const int MaxShort = 1_000;

    private readonly ChainResolver _chains = new(access);

    public FhirResponse Search(FhirRequest request, string parameters)
    {
        string type = request.Part(0);
        if (!request.Principal.MayTry(type, SmartAction.Search))
        {
            return ReadHandler.Refuse(AccessDecision.OutOfScope);
        }

        QueryUse use = request.Prefer.Contains("handling=lenient", StringComparison.Ordinal) ? QueryUse.LenientSearch : QueryUse.Search;
        if (!SearchQuery.TryParse(type, QueryText.Parse(parameters), use, store.Facts.Urls, out SearchQuery? query, out string error))
        {
            return Outcome.Fail(400, "not-supported", error);
        }

        if (_chains.Resolve(request.Principal, query, request.Budget, out SearchQuery resolved) is { } failure)
        {
            return failure;
        }

        SearchPage found = Find(request.Principal, resolved, request.Budget);
        using BundleText bundle = new("searchset", baseUrl, found.Total);
        int added = AddEntries(request.Principal, query, found.Entries, bundle);
        string? next = found.HasMore || added < found.Entries.Count
            ? NextOf(type, parameters, found.Positions[Math.Max(added, 1) - 1].ToString()) : null;
        return new FhirResponse(200, bundle.Finish(parameters.Length == 0 ? type : $"{type}?{parameters.TrimStart('&')}", next));
    }

    /// <summary>Whether a search examines so many resources that it belongs on the threads for scans.</summary>
    public bool IsLong(FhirRequest request, string parameters) =>
        SearchQuery.TryParse(
            request.Part(0), QueryText.Parse(parameters), QueryUse.LenientSearch, store.Facts.Urls, out SearchQuery? query, out _)
        && (query.Chains.Count > 0 || access.CountCandidates(query) > MaxShort);

    /// <summary>The history of a resource, a type, or the server: the newest version first.</summary>
    public FhirResponse History(FhirRequest request, string? type, string? id)
    {
        SmartAction action = id is null ? SmartAction.Search : SmartAction.Read;
        if (type is not null && !request.Principal.MayTry(type, action))
        {
            return ReadHandler.Refuse(AccessDecision.OutOfScope);
        }

        if (!HistoryQuery.TryParse(QueryText.Parse(request.Query), out HistoryQuery query, out string error))
        {
            return Outcome.Fail(400, "not-supported", error);
        }

        HistoryPage? found = Find(request.Principal, action, query, (type, id), request.Budget);
        if (found is null)
        {
            return ReadHandler.NotFound();
        }

        using BundleText bundle = new("history", baseUrl);
        int added = 0;
        foreach ((ResourceEntry entry, ResourceVersion version, _) in found.Versions.TakeWhile(_ => bundle.Length < MaxPageBytes))
        {
            AccessDecision decision = access.TryRead(
                request.Principal, action, entry, version, found.Decisions[entry], out byte[]? text);
            if (decision == AccessDecision.Permitted)
            {
                AddVersion(bundle, entry, version, text);
            }
            else if (id is not null)
            {
                return ReadHandler.NotFound();
            }

            added++;
        }

        string path = string.Join('/', request.Path);
        string? next = found.HasMore || added < found.Versions.Count
            ? NextOf(path, request.Query, found.Versions[added - 1].Number.ToString(CultureInfo.InvariantCulture)) : null;
        return new FhirResponse(200, bundle.Finish(request.Query.Length == 0 ? path : $"{path}?{request.Query}", next));
    }

    /// <summary>Finds a page. Keeps only the resources of the page in memory, whatever the number of matches.</summary>
    private SearchPage Find(FhirPrincipal principal, SearchQuery query, ScanBudget budget)
    {
        PriorityQueue<ResourceEntry, SortPosition> page = new(SortPosition.Descending);
        long total = 0;
        long remaining = 0;
        foreach ((ResourceEntry entry, ResourceFacts facts, long lastUpdated) in access.Find(principal, query, budget))
        {
            total++;
            SortPosition position = query.PositionOf(facts, entry.Ordinal, lastUpdated);
            if (query.Count == 0 || (query.After is { } after && position.CompareTo(after) <= 0))
            {
                continue;
            }

            remaining++;
            if (page.Count < query.Count)
            {
                page.Enqueue(entry, position);
            }
            else
            {
                page.EnqueueDequeue(entry, position);
            }
        }

        ResourceEntry[] entries = new ResourceEntry[page.Count];
        SortPosition[] positions = new SortPosition[page.Count];
        for (int i = entries.Length - 1; i >= 0; i--)
        {
            page.TryDequeue(out entries[i]!, out positions[i]);
        }

        return new SearchPage(entries, positions, total, remaining > entries.Length);
    }

    /// <summary>Finds a page of a history, and decides once about each of its resources. Examines the log in chunks.</summary>
    /// <returns>Null if the client may not read the resource of a history of one resource, or it does not exist.</returns>
    private HistoryPage? Find(
        FhirPrincipal principal, SmartAction action, HistoryQuery query, (string? Type, string? Id) filter, ScanBudget budget)
    {
        Dictionary<ResourceEntry, PresentAccess> decisions = [];
        List<(ResourceEntry Entry, ResourceVersion Version, int Number)> page = [];
        bool isReadable = true;
        int last = store.Read(index =>
        {
            // Even a page without versions shows that the id exists.
            isReadable = filter.Id is null
                || (index.Find(filter.Type!, filter.Id) is { } known && Decide(known, index).Decision == AccessDecision.Permitted);
            return query.Before > 0 ? (int)Math.Min(query.Before - 1, index.Log.Count) : index.Log.Count;
        });
        bool hasMore = false;
        while (isReadable && !hasMore && last > 0)
        {
            int end = last;
            last = store.Read(index => FindInLog(index, end));
        }

        return isReadable ? new HistoryPage(page, decisions, hasMore) : null;

        // Returns the end of the next chunk; 0 after the last.
        int FindInLog(ResourceIndex index, int end)
        {
            int start = Math.Max(0, end - ScanBudget.Chunk);
            budget.Spend(end - start);
            for (int i = end - 1; i >= start && !hasMore; i--)
            {
                (ResourceEntry entry, int number) = index.Log[i];
                ResourceVersion version = entry.Versions[number];
                if (version.LastUpdated < query.Since)
                {
                    return 0;
                }

                if ((filter.Type is not null && entry.Type != filter.Type) || (filter.Id is not null && entry.Id != filter.Id))
                {
                    continue;
                }

                hasMore = page.Count == query.Count;
                if (!hasMore)
                {
                    page.Add((entry, version, i + 1));
                    Decide(entry, index);
                }
            }

            return start;
        }

        PresentAccess Decide(ResourceEntry entry, ResourceIndex index)
        {
            if (!decisions.TryGetValue(entry, out PresentAccess decision))
            {
                decisions.Add(entry, decision = access.DecidePresent(principal, action, entry, index));
            }

            return decision;
        }
    }

    /// <returns>The number of entries of the page that the bundle has room for.</returns>
    private int AddEntries(FhirPrincipal principal, SearchQuery query, IReadOnlyList<ResourceEntry> page, BundleText bundle)
    {
        HashSet<ResourceEntry> included = [];
        int added = 0;
        foreach (ResourceEntry entry in page.TakeWhile(_ => bundle.Length < MaxPageBytes))
        {
            added++;
            if (access.TryRead(principal, SmartAction.Search, entry, store.Read(_ => entry.Current), out byte[]? text)
                == AccessDecision.Permitted && text is not null)
            {
                bundle.AddMatch(entry.Type, entry.Id, text, "match");
                included.UnionWith(store.Read(index => Included(query, entry, index)));
            }
        }

        foreach (ResourceEntry entry in included.Except(page).TakeWhile(_ => bundle.Length < MaxPageBytes))
        {
            if (access.TryRead(principal, SmartAction.Read, entry, store.Read(_ => entry.Current), out byte[]? text)
                == AccessDecision.Permitted && text is not null)
            {
                bundle.AddMatch(entry.Type, entry.Id, text, "include");
            }
        }

        return added;
    }

    private static List<ResourceEntry> Included(SearchQuery query, ResourceEntry entry, ResourceIndex index)
    {
        List<ResourceEntry> found = [];
        foreach (FactToken token in entry.Facts.Tokens)
        {
            if (query.Includes.Contains(token.Parameter)
                && FhirReference.TryParseRelative(
                    Encoding.UTF8.GetBytes(token.Value), out ReadOnlySpan<byte> type, out ReadOnlySpan<byte> id)
                && index.Find(Encoding.UTF8.GetString(type), Encoding.UTF8.GetString(id)) is { IsDeleted: false } other)
            {
                found.Add(other);
            }
        }

        return found;
    }

    private static void AddVersion(BundleText bundle, ResourceEntry entry, ResourceVersion version, byte[]? text)
    {
        (string method, int status) = version.Interaction switch
        {
            Interaction.Create => ("POST", 201),
            Interaction.Update => ("PUT", 200),
            _ => ("DELETE", 204),
        };
        bundle.AddVersion(entry.Type, entry.Id, text, method, new FhirResponse(status, default)
        {
            Version = version.Number,
            LastModified = version.LastUpdated,
        });
    }

    /// <summary>The URL of the page after a position.</summary>
    private static string NextOf(string path, string parameters, string after)
    {
        IEnumerable<string> others = parameters.Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Where(part => !part.StartsWith("_after=", StringComparison.Ordinal));
        return $"{path}?{string.Join('&', [.. others, $"_after={after}"])}";
    }
}

/// <summary>The resources of a page of a search.</summary>
/// <param name="Entries">The resources, in order.</param>
/// <param name="Positions">Their positions in the order.</param>
/// <param name="Total">The number of resources on all pages.</param>
/// <param name="HasMore">Whether there is a further page.</param>
internal readonly record struct SearchPage(
    IReadOnlyList<ResourceEntry> Entries, IReadOnlyList<SortPosition> Positions, long Total, bool HasMore);

/// <summary>A page of a history.</summary>
/// <param name="Versions">The versions with their numbers in the log, the newest first.</param>
/// <param name="Decisions">The decisions about their resources.</param>
/// <param name="HasMore">Whether there is a further page.</param>
internal sealed record HistoryPage(
    IReadOnlyList<(ResourceEntry Entry, ResourceVersion Version, int Number)> Versions,
    IReadOnlyDictionary<ResourceEntry, PresentAccess> Decisions,
    bool HasMore);
