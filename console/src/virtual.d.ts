declare module 'virtual:widget-runtime' {
  /** The address of the script. */
  const url: string;
  export default url;
}
