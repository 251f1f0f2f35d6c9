using Estream.Esf;
using Estream.Map;
using Estream.Queue;

namespace Estream.Streams.Pipelines;

/// <summary>Provides the resources that declared pipelines name. Implemented by the host of the pipelines, which also disposes the
/// resources, except sealers.</summary>
public interface IPipelineResources
{
    /// <summary>Returns a queue by name.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="Core.EstreamException">There is no such queue.</exception>
    EstreamQueue Queue(string name);

    /// <summary>Returns a map that a pipeline writes or reads. Always returns the same instance for a name.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="Core.EstreamException">There is no such map.</exception>
    StateMap<Utf8Key64, LatestEntry> Map(string name);

    /// <summary>Returns the directory for the state of a pipeline, used by that pipeline only.</summary>
    /// <param name="pipeline">A name for the pipeline and its declaration; a changed declaration has another name.</param>
    string StateDirectory(string pipeline);

    /// <summary>Creates a sealer for messages of a schema with private or tokenized fields.</summary>
    /// <param name="schema">The schema.</param>
    /// <exception cref="Core.EstreamException">There are no keys for the schema's audiences.</exception>
    EsfSealer Sealer(EsfSchema schema);

    /// <summary>Returns the store of the chunks of large objects, open for writing. Always returns the same instance for a queue. Encrypt
    /// the store if the queue is encrypted.</summary>
    /// <param name="queue">The name of the queue with the manifests of the objects.</param>
    /// <exception cref="Core.EstreamException">The store cannot be opened.</exception>
    ByteMap Chunks(string queue) => throw new NotSupportedException($"'{queue}' has no store for large objects.");

    /// <summary>Returns the identity of this program in the sessions of a transcript.</summary>
    /// <param name="transcript">The name of the queue of the sessions.</param>
    /// <exception cref="Core.EstreamException">This program is not a party of the sessions.</exception>
    MpcIdentity Identity(string transcript) =>
        throw new NotSupportedException($"This program is not a party of the sessions of '{transcript}'.");
}
