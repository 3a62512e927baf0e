// The two functions of the platform that bytes-codec needs and that the pure world does not know. Both exist in pages, workers and node.
declare function btoa(binary: string): string;
declare function atob(text: string): string;
