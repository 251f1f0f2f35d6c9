namespace Estream.Esf;

/// <summary>A schema file as it was read.</summary>
/// <param name="Name">File name, for example <c>iot-telemetry.esf.yaml</c>; a path when it was loaded from one.</param>
/// <param name="Text">The YAML text.</param>
public sealed record EsfSchemaFile(string Name, string Text);
