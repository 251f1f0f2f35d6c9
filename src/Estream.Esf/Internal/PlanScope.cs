using Estream.Esf.Schema;

namespace Estream.Esf.Internal;

/// <summary>What the parts of a schema need to know of the whole of it.</summary>
/// <param name="SchemaName">Its qualified name.</param>
/// <param name="Audiences">Who reads its private fields.</param>
internal sealed record PlanScope(string SchemaName, AudienceGroups Audiences);
