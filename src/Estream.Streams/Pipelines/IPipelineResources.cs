using Estream.Esf;
using Estream.Map;
using Estream.Queue;

namespace Estream.Streams.Pipelines;

/// <summary>Where declared pipelines find what they name. Implemented by whoever runs them; everything it gives stays its to dispose, but
/// for sealers.</summary>
public interface IPipelineResources
{
    /// <summary>The queue of a name.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="Core.EstreamException">There is none.</exception>
    EstreamQueue Queue(string name);

    /// <summary>The map of a name: one that a pipeline writes, or that is looked at. The same instance whenever it is asked for.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="Core.EstreamException">There is none.</exception>
    StateMap<Utf8Key64, LatestEntry> Map(string name);

    /// <summary>The directory for the state of a pipeline, which is that pipeline's alone.</summary>
    /// <param name="pipeline">A name for pipeline and declaration: of another declaration another one.</param>
    string StateDirectory(string pipeline);

    /// <summary>A new sealer for messages of a schema with private or tokenized fields.</summary>
    /// <param name="schema">The schema.</param>
    /// <exception cref="Core.EstreamException">There are no keys of its audiences.</exception>
    EsfSealer Sealer(EsfSchema schema);
}
