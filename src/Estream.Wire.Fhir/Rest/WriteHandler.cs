using System.Text;
using Estream.Fhir;
using Estream.Wire.Fhir.Access;
using Estream.Wire.Fhir.Codec;
using Estream.Wire.Fhir.Patch;
using Estream.Wire.Fhir.Resources;
using Estream.Wire.Fhir.Search;
using Estream.Wire.Fhir.Store;

namespace Estream.Wire.Fhir.Rest;

/// <summary>
/// Answers create, update, patch and delete, also conditional (FHIR R4, 3.1.0.4 to 3.1.0.8). A write is planned and committed under the
/// lock of the store, so that a precondition holds until the commit. Thread-safe.
/// </summary>
internal sealed class WriteHandler(ResourceStore store, ReadAccess access, FhirHandlerOptions options)
{
    private readonly ResourceBuilder _builder = new(store, options);

    public FhirResponse Create(FhirRequest request) => Run(request, PlanCreate);

    public FhirResponse Update(FhirRequest request, string id) => Run(request, one => PlanUpdate(one, id));

    public FhirResponse UpdateConditionally(FhirRequest request) => Run(request, PlanConditionalUpdate);

    public FhirResponse Patch(FhirRequest request, string id) => Run(request, one => PlanPatch(one, id));

    public FhirResponse PatchConditionally(FhirRequest request) => Run(request, PlanConditionalPatch);

    public FhirResponse Delete(FhirRequest request, string id) => Run(request, one => PlanDelete(one, id));

    public FhirResponse DeleteConditionally(FhirRequest request) => Run(request, PlanConditionalDelete);

    /// <summary>Plans the write of a request. The caller holds <see cref="ResourceStore.Writing"/>.</summary>
    public WritePlan Plan(FhirRequest request) => (request.Method, request.Path.Count) switch
    {
        ("POST", 1) => PlanCreate(request),
        ("PUT", 1) => PlanConditionalUpdate(request),
        ("PUT", 2) => PlanUpdate(request, request.Part(1)),
        ("DELETE", 1) => PlanConditionalDelete(request),
        ("DELETE", 2) => PlanDelete(request, request.Part(1)),
        _ => FhirHandler.NotAllowed(),
    };

    /// <summary>Checks that several changes together do not create too many subscriptions.</summary>
    public FhirResponse? CheckSubscriptions(IEnumerable<ResourceChange> changes) =>
        changes.Count(change => change.Type == FhirTypes.Subscription && change.Interaction == Interaction.Create) is > 1 and var added
            ? _builder.CheckSubscriptionCount(added) : null;

    /// <summary>Checks that patients stay within their limits, and commits changes. The caller holds <see cref="ResourceStore.Writing"/>.
    /// </summary>
    /// <returns>The failure; null if the changes are in the queue at the position.</returns>
    public FhirResponse? Commit(IReadOnlyList<ResourceChange> changes, FhirPrincipal principal, out long position)
    {
        position = -1;
        if (store.Read(index => index.CheckPatients(changes)) is { } excess)
        {
            return Outcome.Fail(422, "too-costly", excess, FhirTypes.Patient);
        }

        (CommitStatus status, position) = store.Commit(changes, principal.Name);
        return status switch
        {
            CommitStatus.Committed => null,
            CommitStatus.Blocked => Outcome.Fail(503, "transient", "The queue cannot be written now. Try again later."),
            _ => Outcome.Fail(413, "too-long", "The changes are longer than a message of the queue. Split them, or use larger segments."),
        };
    }

    /// <summary>The response to a committed change.</summary>
    public static FhirResponse ToResponse(ResourceChange change, long position, string prefer)
    {
        bool isMinimal = prefer.Contains("return=minimal", StringComparison.Ordinal);
        bool isDelete = change.Interaction == Interaction.Delete;
        return new FhirResponse(isDelete ? 204 : change.Interaction == Interaction.Create ? 201 : 200,
            isDelete || isMinimal ? default : change.Text)
        {
            Version = change.Version,
            LastModified = change.LastUpdated,
            Location = isDelete ? null : $"{change.Type}/{change.Id}/_history/{change.Version}",
            Position = position,
        };
    }

    /// <summary>Finds the single resource of a condition (FHIR R4, 3.1.0.8) in the scopes of the client. A condition of identifiers also
    /// finds a resource that consents hide from the client, which the client would create twice otherwise. Other conditions do not: their
    /// outcome would disclose values of the resource.</summary>
    /// <returns>The failure; null if one resource or none matches.</returns>
    public FhirResponse? FindMatch(FhirRequest request, string condition, out ResourceEntry? match)
    {
        (FhirPrincipal principal, string type) = (request.Principal, request.Part(0));
        match = null;
        if (!principal.MayTry(type, SmartAction.Search))
        {
            return ReadHandler.Refuse(AccessDecision.OutOfScope);
        }

        if (!SearchQuery.TryParse(
                type, QueryText.Parse(condition), QueryUse.Filter, store.Facts.Urls, out SearchQuery? query, out string error)
            || query.Criteria.Count == 0)
        {
            return Outcome.Fail(400, "invalid", error.Length > 0 ? error : "A condition needs a search parameter.");
        }

        int candidates = access.CountCandidates(query);
        if (candidates > ReadAccess.MaxConditionCandidates)
        {
            return Outcome.Fail(413, "too-costly", "The condition examines too many resources. Use identifier or another exact parameter.");
        }

        request.Budget.Spend(candidates);
        bool isIdentity = query.Criteria.All(criterion => criterion.Name is "_id" or "identifier");
        List<ResourceEntry> found = store.Read(index => index.Candidates(query)
            .Where(entry => !entry.IsDeleted && query.Matches(entry.Facts, entry.Id, entry.Current.LastUpdated)
                && (isIdentity ? principal.May(SmartAction.Search, entry.Facts)
                    : access.Decide(principal, SmartAction.Search, entry, index) == AccessDecision.Permitted))
            .Take(2).ToList());
        found.ForEach(entry => principal.Trail?.AddMatch(entry));
        match = found.Count == 1 ? found[0] : null;
        return found.Count > 1 ? Outcome.Fail(412, "multiple-matches", "More than one resource matches the condition.") : null;
    }

    private FhirResponse Run(FhirRequest request, Func<FhirRequest, WritePlan> plan)
    {
        lock (store.Writing)
        {
            WritePlan planned = plan(request);
            if (planned.Change is not { } change)
            {
                return planned.Response!;
            }

            return Commit([change], request.Principal, out long position) ?? ToResponse(change, position, request.Prefer);
        }
    }

    private WritePlan PlanCreate(FhirRequest request)
    {
        string type = request.Part(0);
        if (!request.Principal.MayTry(type, SmartAction.Create))
        {
            return ReadHandler.Refuse(AccessDecision.OutOfScope);
        }

        if (request.IfNoneExist.Length > 0)
        {
            FhirResponse? failure = FindMatch(request, request.IfNoneExist, out ResourceEntry? match);
            if (failure is not null || match is not null)
            {
                return failure ?? Existing(request, match!);
            }
        }

        return ResourceBuilder.ReadId(request.Body, type, out _) is { } invalid ? invalid
            : Build(request, new ResourceStamp(type, request.NewId ?? Guid.NewGuid().ToString(), 1, store.NextTime()), Interaction.Create);
    }

    private WritePlan PlanUpdate(FhirRequest request, string id)
    {
        string type = request.Part(0);
        if (!request.Principal.MayTry(type, SmartAction.Update))
        {
            return ReadHandler.Refuse(AccessDecision.OutOfScope);
        }

        if (!FhirPrimitives.IsId(Encoding.UTF8.GetBytes(id)))
        {
            return Outcome.Fail(400, "invalid", "The id in the URL is not valid: 1 to 64 letters, digits, '-' and '.'.");
        }

        if (ResourceBuilder.ReadId(request.Body, type, out string bodyId) is { } invalid)
        {
            return invalid;
        }

        if (bodyId != id)
        {
            return Outcome.Fail(400, "invalid", "The id of the resource differs from the id in the URL.", $"{type}.id");
        }

        ResourceEntry? entry = store.Read(index => index.Find(type, id));
        if (CheckWritable(request, entry, SmartAction.Update) is { } refused)
        {
            return refused;
        }

        if (entry is null && !options.IsUpdateCreate)
        {
            return Outcome.Fail(405, "not-supported", "This server does not let clients choose ids; create with POST.");
        }

        bool isNew = entry is null || entry.IsDeleted;
        return Build(request, new ResourceStamp(type, id, (entry?.Versions.Count ?? 0) + 1, store.NextTime()),
            isNew ? Interaction.Create : Interaction.Update);
    }

    private WritePlan PlanConditionalUpdate(FhirRequest request)
    {
        string type = request.Part(0);
        FhirResponse? failure = FindMatch(request, request.Query, out ResourceEntry? match)
            ?? ResourceBuilder.ReadId(request.Body, type, out _);
        if (failure is not null)
        {
            return failure;
        }

        ResourceBuilder.ReadId(request.Body, type, out string id);
        if (match is not null && id.Length > 0 && id != match.Id)
        {
            return Outcome.Fail(400, "invalid", "The id of the resource differs from the id of the resource that matches.", $"{type}.id");
        }

        string target = match?.Id ?? (id.Length > 0 ? id : request.NewId ?? Guid.NewGuid().ToString());
        return id.Length > 0 ? PlanUpdate(request, target)
            : !request.Principal.MayTry(type, SmartAction.Update) ? ReadHandler.Refuse(AccessDecision.OutOfScope)
            : CheckWritable(request, match, SmartAction.Update) is { } refused ? refused
            : Build(request, new ResourceStamp(type, target, (match?.Versions.Count ?? 0) + 1, store.NextTime()),
                match is null ? Interaction.Create : Interaction.Update);
    }

    /// <summary>Plans a patch. A patch reads the resource: the response has all elements, and a test reveals a value. So the client needs
    /// the scopes for read, and consents must permit the read.</summary>
    private WritePlan PlanPatch(FhirRequest request, string id)
    {
        string type = request.Part(0);
        if (!request.Principal.MayTry(type, SmartAction.Update) || !request.Principal.MayTry(type, SmartAction.Read))
        {
            return ReadHandler.Refuse(AccessDecision.OutOfScope);
        }

        ResourceEntry? entry = store.Read(index => index.Find(type, id));
        if (entry is null)
        {
            return ReadHandler.NotFound();
        }

        ResourceVersion version = store.Read(_ => entry.Current);
        AccessDecision decision = access.TryRead(request.Principal, SmartAction.Read, entry, version, out byte[]? text);
        if (decision != AccessDecision.Permitted)
        {
            return ReadHandler.NotFound();
        }

        if (text is null)
        {
            return Outcome.Fail(410, "deleted", "The resource was deleted.");
        }

        if (CheckWritable(request, entry, SmartAction.Update) is { } refused)
        {
            return refused;
        }

        return JsonPatch.Apply(text, request.Body, options.MaxResourceBytes, out ReadOnlyMemory<byte> patched) is { } failure
            ? failure : PlanUpdate(request with { Body = patched }, id);
    }

    private WritePlan PlanConditionalPatch(FhirRequest request) =>
        FindMatch(request, request.Query, out ResourceEntry? match) is { } failure ? failure
        : match is null ? NotFound()
        : PlanPatch(request, match.Id);

    private WritePlan PlanDelete(FhirRequest request, string id)
    {
        string type = request.Part(0);
        if (!request.Principal.MayTry(type, SmartAction.Delete))
        {
            return ReadHandler.Refuse(AccessDecision.OutOfScope);
        }

        ResourceEntry? entry = store.Read(index => index.Find(type, id));
        if (entry is null)
        {
            return NotFound();
        }

        return CheckWritable(request, entry, SmartAction.Delete) is { } refused ? refused
            : entry.IsDeleted ? new FhirResponse(204, default) { Position = store.Read(_ => entry.Current.Position) }
            : WritePlan.Of(new ResourceChange(
                type, id, entry.Versions.Count + 1, store.NextTime(), Interaction.Delete, [], entry.Facts));
    }

    private WritePlan PlanConditionalDelete(FhirRequest request) =>
        FindMatch(request, request.Query, out ResourceEntry? match) is { } failure ? failure
        : match is null ? new FhirResponse(204, default)
        : PlanDelete(request, match.Id);

    private static FhirResponse NotFound() => Outcome.Fail(404, "not-found", "The server has no such resource.");

    private WritePlan Build(FhirRequest request, ResourceStamp stamp, Interaction interaction) =>
        _builder.Build(request, stamp, interaction, out ResourceChange? change) is { } failure ? failure : WritePlan.Of(change!);

    /// <summary>Checks If-Match (FHIR R4, 3.1.0.4.3) and the scopes for the present version.</summary>
    private FhirResponse? CheckWritable(FhirRequest request, ResourceEntry? entry, SmartAction action)
    {
        if (entry is not null && !request.Principal.May(action, entry.Facts))
        {
            return ReadHandler.Refuse(AccessDecision.OutOfScope);
        }

        string current = entry is null ? "" : store.Read(_ => $"W/\"{entry.Current.Number}\"");
        bool isExpected = request.IfMatch.Length == 0 || request.IfMatch == current || $"W/{request.IfMatch}" == current;
        return isExpected ? null : Outcome.Fail(412, "conflict", "The resource has another version than If-Match names.");
    }

    /// <summary>The response to a conditional create whose condition matches.</summary>
    private FhirResponse Existing(FhirRequest request, ResourceEntry entry)
    {
        ResourceVersion version = store.Read(_ => entry.Current);
        AccessDecision decision = access.TryRead(request.Principal, SmartAction.Read, entry, version, out byte[]? text);
        return decision != AccessDecision.Permitted ? ReadHandler.Refuse(decision) : new FhirResponse(200, text)
        {
            Version = version.Number,
            LastModified = version.LastUpdated,
            Location = $"{entry.Type}/{entry.Id}/_history/{version.Number}",
            Position = version.Position,
        };
    }
}

/// <summary>The plan of a write: a change to commit, or a response that needs no change.</summary>
internal readonly record struct WritePlan(ResourceChange? Change, FhirResponse? Response)
{
    public static WritePlan Of(ResourceChange change) => new(change, null);

    public static implicit operator WritePlan(FhirResponse response) => new(null, response);
}
